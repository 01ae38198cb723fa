/*
 * dialing.c — connects under way: waiting for them, and what is reported of them.
 *
 * The connector's socket and our copy are one open file, so a connect of the copy is one of the connector's
 * socket. It is always begun without blocking. Where the connector's socket blocks, its thread is answered
 * later; otherwise it hears EINPROGRESS and finds everything on its own descriptor. The error of a connect
 * that failed is read by us only if a thread waits for it: reading takes it away.
 */
#include "process/dialing.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "process/pending.h"
#include "process/report.h"

#define MOST_REPORTED 1000
#define TICK          20  /* milliseconds, while a thread waits; a bit more for each */
#define SWEEP_TICK    200 /* milliseconds, while any connect is under way */
#define RESTART       512 /* the kernel's ERESTARTSYS: a signal's handler decides whether the call begins again */

/* States of TCP that a program cannot see but here (the kernel's net/tcp_states.h). */
enum
{
	STATE_SYN_SENT = 2,
	STATE_SYN_RECEIVED = 3,
	STATE_CLOSE = 7
};

int64_t
rg_dialing_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
rg_dialing_answer(const RgDialer *dialer, uint64_t notification, int error)
{
	struct seccomp_notif_resp response = {.id = notification, .error = -error};

	while (ioctl(dialer->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) != 0)
	{
		if (errno != EINTR)
			return false;
	}
	return true;
}

void
rg_dialing_report(RgDialer *dialer, const RgDial *dial, const char *verdict, const char *detail)
{
	bool connected = strcmp(verdict, "connected") == 0;

	/* However much was dialed in vain before: what was reached is reported. */
	if (dialer->report < 0 || (dialer->reported > MOST_REPORTED && !connected))
		return;
	if (!connected && ++dialer->reported > MOST_REPORTED)
		rg_report(dialer->report, "dials-omitted");
	else
		rg_report(dialer->report, "dial %s %u %s%s", dial->address, (unsigned) dial->port, verdict,
				  detail ? detail : "");
}

static void
report_error(RgDialer *dialer, const RgDial *dial, int error)
{
	const char *name = strerrorname_np(error);

	if (error == 0)
		rg_dialing_report(dialer, dial, "connected", NULL);
	else if (error == ETIMEDOUT)
		rg_dialing_report(dialer, dial, "timeout", NULL);
	else
		rg_dialing_report(dialer, dial, "failed:", name ? name : "EUNKNOWN");
}

/* An expired timer stays readable until it is set again. */
static void
set_timer(const RgDialer *dialer, bool under_way)
{
	int64_t milliseconds = dialer->waiter_count > 0 ? TICK + dialer->waiter_count : SWEEP_TICK;
	struct itimerspec when = {
		.it_value = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000}};

	if (!under_way)
		when.it_value = (struct timespec){0};
	timerfd_settime(dialer->timer, 0, &when, NULL);
}

static void
watch(RgDialer *dialer, RgSocket *socket, const RgDial *dial)
{
	struct epoll_event event = {.events = EPOLLOUT, .data.u64 = socket->inode};

	socket->state = RG_SOCKET_DIALING;
	socket->dial = *dial;
	socket->deadline = dialer->timeout > 0 ? rg_dialing_now() + dialer->timeout : 0;
	epoll_ctl(dialer->epoll, EPOLL_CTL_ADD, socket->descriptor, &event);
	set_timer(dialer, true);
}

/* The registration would outlive our descriptor, since the file stays open in the connector. */
static void
unwatch(const RgDialer *dialer, RgSocket *socket, RgSocketState state)
{
	if (socket->state == RG_SOCKET_DIALING)
		epoll_ctl(dialer->epoll, EPOLL_CTL_DEL, socket->descriptor, NULL);
	socket->state = state;
}

static void
close_copy(RgSocket *socket)
{
	close(socket->descriptor);
	socket->descriptor = -1;
	socket->state = RG_SOCKET_CONNECTED;
}

/* Its outcome as far as it can be seen without taking the error away; EINPROGRESS: none yet. A reset is an
 * answer, and of what came as ICMP only that there was no answer is known. */
static int
outcome(const RgSocket *socket)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof(info);

	if (getsockopt(socket->descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0)
		return errno;
	if (info.tcpi_state == STATE_SYN_SENT || info.tcpi_state == STATE_SYN_RECEIVED)
		return EINPROGRESS;
	if (info.tcpi_state != STATE_CLOSE || info.tcpi_segs_in > 1)
		return 0;
	if (info.tcpi_segs_in == 1)
		return ECONNREFUSED;
	return info.tcpi_retransmits > 1 ? ETIMEDOUT : EHOSTUNREACH;
}

/* Gives the socket up for this attempt and takes its error, as a blocking connect() does. */
static int
take_error(RgSocket *socket)
{
	struct sockaddr nothing = {.sa_family = AF_UNSPEC};
	int error = 0;
	int aborted = 0;
	socklen_t length = sizeof(error);

	getsockopt(socket->descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
	connect(socket->descriptor, &nothing, sizeof(nothing));
	getsockopt(socket->descriptor, SOL_SOCKET, SO_ERROR, &aborted, &length);
	return error != 0 ? error : ECONNABORTED;
}

static bool
is_waited_for(const RgDialer *dialer, ino_t socket)
{
	for (int i = 0; i < dialer->waiter_count; i++)
	{
		if (dialer->waiters[i].socket == socket)
			return true;
	}
	return false;
}

/* The first hears the outcome; the others hear of an error only that there was one. Returns whether any
 * heard. */
static bool
answer_waiters(RgDialer *dialer, ino_t socket, int error)
{
	bool heard = false;

	for (int i = 0; i < dialer->waiter_count;)
	{
		RgWaiter *waiter = &dialer->waiters[i];

		if (waiter->socket != socket)
		{
			i++;
			continue;
		}
		if (rg_dialing_answer(dialer, waiter->notification, heard && error != 0 ? ECONNABORTED : error))
			heard = true;
		*waiter = dialer->waiters[--dialer->waiter_count];
	}
	return heard;
}

/* One that no thread waits for answers 0 to the connector's next connect(), as the kernel does once. */
static void
succeeded(RgDialer *dialer, RgSocket *socket)
{
	rg_dialing_report(dialer, &socket->dial, "connected", NULL);
	unwatch(dialer, socket, RG_SOCKET_IDLE);
	if (answer_waiters(dialer, socket->inode, 0))
		rg_sockets_remove(&dialer->sockets, socket);
	else
		close_copy(socket);
}

void
rg_dialing_check(RgDialer *dialer, RgSocket *socket)
{
	int error = socket->state == RG_SOCKET_DIALING ? outcome(socket) : EINPROGRESS;
	bool is_waited = is_waited_for(dialer, socket->inode);

	if (error == EINPROGRESS)
		return;
	if (error == 0)
	{
		succeeded(dialer, socket);
		return;
	}
	if (is_waited)
		error = take_error(socket);
	report_error(dialer, &socket->dial, error);
	unwatch(dialer, socket, is_waited ? RG_SOCKET_IDLE : RG_SOCKET_FAILED);
	answer_waiters(dialer, socket->inode, error);
}

/* O_NONBLOCK belongs to the file, so the connector's socket has it too for as long as this call takes. */
static int
dial_once(const RgSocket *socket, const RgBytes *address, bool *blocks)
{
	int flags = fcntl(socket->descriptor, F_GETFL);
	int error;

	*blocks = !(flags & O_NONBLOCK);
	if (*blocks)
		fcntl(socket->descriptor, F_SETFL, flags | O_NONBLOCK);
	error = connect(socket->descriptor, (const struct sockaddr *) address->bytes,
					(socklen_t) address->length) == 0
				? 0
				: errno;
	if (*blocks)
		fcntl(socket->descriptor, F_SETFL, flags);
	return error;
}

static RgWaiter *
add_waiter(RgDialer *dialer)
{
	if (dialer->waiter_count == dialer->waiter_room)
	{
		int room = dialer->waiter_room > 0 ? dialer->waiter_room * 2 : 8;
		RgWaiter *waiters = realloc(dialer->waiters, (size_t) room * sizeof(RgWaiter));

		if (waiters == NULL)
			return NULL;
		dialer->waiters = waiters;
		dialer->waiter_room = room;
	}
	return &dialer->waiters[dialer->waiter_count++];
}

/* The socket's own SO_SNDTIMEO bounds a blocking connect. */
static int64_t
sending_deadline(const RgSocket *socket)
{
	struct timeval timeout = {0};
	socklen_t length = sizeof(timeout);
	int64_t milliseconds;

	if (getsockopt(socket->descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, &length) != 0)
		return 0;
	milliseconds = (int64_t) timeout.tv_sec * 1000 + (timeout.tv_usec + 999) / 1000;
	return milliseconds > 0 ? rg_dialing_now() + milliseconds : 0;
}

static void
wait_for(RgDialer *dialer, const struct seccomp_notif *notification, RgSocket *socket, int late)
{
	RgWaiter *waiter = add_waiter(dialer);

	if (waiter == NULL)
	{
		rg_dialing_answer(dialer, notification->id, late);
		return;
	}
	*waiter = (RgWaiter){.notification = notification->id,
						 .thread = (pid_t) notification->pid,
						 .socket = socket->inode,
						 .deadline = sending_deadline(socket),
						 .late = late};
	if (dialer->waiter_count == 1)
		set_timer(dialer, true);
	rg_dialing_check(dialer, socket);
}

/* What connect() returned at once. */
static void
returned(RgDialer *dialer, const struct seccomp_notif *notification, RgSocket *socket, int error)
{
	bool heard = rg_dialing_answer(dialer, notification->id, error);

	if (socket->state != RG_SOCKET_FAILED && error != EISCONN)
		report_error(dialer, &socket->dial, error);
	unwatch(dialer, socket, RG_SOCKET_IDLE);
	heard |= answer_waiters(dialer, socket->inode, error != 0 ? ECONNABORTED : 0);
	if (error == 0 && heard)
		rg_sockets_remove(&dialer->sockets, socket);
	else if (error == 0)
		close_copy(socket);
}

/* The connector's connect() without an address: an error, or the end of what is under way. */
static void
dial_nothing(RgDialer *dialer, const struct seccomp_notif *notification, RgSocket *socket,
			 const RgBytes *address)
{
	bool blocks;
	int error = dial_once(socket, address, &blocks);

	if (error == 0)
	{
		if (socket->state == RG_SOCKET_DIALING)
			rg_dialing_report(dialer, &socket->dial, "pending", NULL);
		unwatch(dialer, socket, RG_SOCKET_IDLE);
		answer_waiters(dialer, socket->inode, ECONNABORTED);
	}
	rg_dialing_answer(dialer, notification->id, error);
}

/* On this machine a connect has often ended by now. */
static int
ended_at_once(RgSocket *socket)
{
	int error = outcome(socket);

	return error != 0 && error != EINPROGRESS ? take_error(socket) : error;
}

void
rg_dialing_begin(RgDialer *dialer, const struct seccomp_notif *notification, RgSocket *socket,
				 const RgBytes *address, const RgDial *dial)
{
	bool blocks;
	int error;

	if (dial == NULL)
	{
		dial_nothing(dialer, notification, socket, address);
		return;
	}
	error = dial_once(socket, address, &blocks);
	if (error == EINPROGRESS && blocks)
		error = ended_at_once(socket);
	if (error == EINPROGRESS && socket->state != RG_SOCKET_DIALING)
		watch(dialer, socket, dial);
	else if (socket->state == RG_SOCKET_IDLE)
		socket->dial = *dial;
	if (error == EALREADY && socket->is_unanswered)
		error = EINPROGRESS;
	if (error != EINPROGRESS && error != EALREADY)
		returned(dialer, notification, socket, error);
	else if (blocks)
		wait_for(dialer, notification, socket, error);
	else
		socket->is_unanswered = !rg_dialing_answer(dialer, notification->id, error);
}

/* Ends the attempt of a blocking connect that took longer than the source's connection_timeout. */
static void
time_out(RgDialer *dialer, RgSocket *socket)
{
	rg_dialing_report(dialer, &socket->dial, "timeout", NULL);
	unwatch(dialer, socket, RG_SOCKET_IDLE);
	take_error(socket);
	answer_waiters(dialer, socket->inode, ETIMEDOUT);
}

void
rg_dialing_let_go(RgDialer *dialer, RgSocket *socket, const char *verdict)
{
	int error = outcome(socket);

	if (error == EINPROGRESS)
		rg_dialing_report(dialer, &socket->dial, verdict, NULL);
	else
		report_error(dialer, &socket->dial, error);
	unwatch(dialer, socket, RG_SOCKET_IDLE);
	rg_sockets_remove(&dialer->sockets, socket);
}

void
rg_dialing_sweep(RgDialer *dialer)
{
	if (!rg_sockets_mark(&dialer->sockets, dialer->child))
		return;
	for (int i = dialer->sockets.count - 1; i >= 0; i--)
	{
		RgSocket *socket = &dialer->sockets.items[i];

		if (socket->is_held || is_waited_for(dialer, socket->inode))
			continue;
		if (socket->state == RG_SOCKET_DIALING)
			rg_dialing_let_go(dialer, socket, "pending");
		else
			rg_sockets_remove(&dialer->sockets, socket);
	}
}

/* A signal ends the wait, as it ends a blocking connect(): the kernel's own wait for our answer may let only
 * fatal ones through. With SO_SNDTIMEO the call does not begin again. */
static int
interruption(const RgDialer *dialer, RgWaiter *waiter)
{
	RgPending pending = rg_pending(waiter->thread);
	bool is_sure =
		pending == RG_PENDING_THREAD || (pending == RG_PENDING_PROCESS && waiter->thread == dialer->child);

	if (pending == RG_PENDING_NONE)
	{
		waiter->saw_signal = false;
		return 0;
	}
	if (is_sure)
		return waiter->deadline != 0 ? EINTR : RESTART;
	/* Another thread takes it, unless all that could are waiting. */
	if (waiter->saw_signal)
		return EINTR;
	waiter->saw_signal = true;
	return 0;
}

/* What ends this wait before its connect has ended; 0: nothing. */
static int
wait_is_over(const RgDialer *dialer, RgWaiter *waiter, int64_t now)
{
	int error = interruption(dialer, waiter);

	return error == 0 && waiter->deadline != 0 && waiter->deadline <= now ? waiter->late : error;
}

static void
tick_waiters(RgDialer *dialer, int64_t now)
{
	for (int i = dialer->waiter_count - 1; i >= 0; i--)
	{
		RgWaiter *waiter = &dialer->waiters[i];
		bool is_gone = ioctl(dialer->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &waiter->notification) != 0;
		int error = is_gone ? 0 : wait_is_over(dialer, waiter, now);

		if (error != 0)
			rg_dialing_answer(dialer, waiter->notification, error);
		if (is_gone || error != 0)
			*waiter = dialer->waiters[--dialer->waiter_count];
	}
}

void
rg_dialing_tick(RgDialer *dialer)
{
	int64_t now = rg_dialing_now();
	bool under_way = false;

	tick_waiters(dialer, now);
	for (int i = dialer->sockets.count - 1; i >= 0; i--)
	{
		RgSocket *socket = &dialer->sockets.items[i];

		if (socket->state != RG_SOCKET_DIALING)
			continue;
		under_way = true;
		if (socket->deadline == 0 || socket->deadline > now)
			continue;
		if (is_waited_for(dialer, socket->inode))
			time_out(dialer, socket);
		else
			rg_dialing_let_go(dialer, socket, "timeout");
	}
	if (under_way && now - dialer->swept_at >= SWEEP_TICK)
	{
		rg_dialing_sweep(dialer);
		dialer->swept_at = now;
	}
	set_timer(dialer, under_way);
}
