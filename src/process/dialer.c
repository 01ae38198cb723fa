/*
 * dialer.c — the supervisor makes the sockets of a connector, and dials for it.
 *
 * The connector's filter notifies socket() and connect(). At socket() the supervisor makes a TCP socket,
 * hands it over and keeps a copy. At connect() it finds its copy by the inode of the connector's descriptor,
 * copies the address out of the connector's memory, judges the copy, and connects its own. Nothing that
 * another thread of the connector does meanwhile, to the memory or the descriptor, changes what is dialed.
 *
 * A copy is closed once its socket is connected: with it, the peer would never see the connector close. A
 * socket without a copy is either connected or not one of ours; both are EISCONN to connect().
 */
#include "process/dialer.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "process/dialing.h"
#include "process/limits.h"

#define RESOLVER_FILE    "/etc/resolv.conf"
#define LONGEST_RESOLVER 8192
#define SPARE            64   /* descriptors for anything but sockets */
#define FIRST_SWEEP      64   /* sockets */
#define OWN_FRESH        1000 /* milliseconds: as long are this machine's addresses believed to stay */
#define TYPE_FLAGS       (SOCK_CLOEXEC | SOCK_NONBLOCK)

/* Descriptors for every socket that the connector may hold. Otherwise it has fewer. */
static int
raise_descriptors(void)
{
	struct rlimit limit;
	rlim_t wanted = RG_MOST_DESCRIPTORS + SPARE;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return FIRST_SWEEP;
	if (limit.rlim_cur < wanted)
	{
		limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	if (limit.rlim_cur > wanted)
		limit.rlim_cur = wanted;
	return limit.rlim_cur > 2 * SPARE ? (int) limit.rlim_cur - SPARE : SPARE;
}

static void
read_resolvers(RgDialer *dialer)
{
	char text[LONGEST_RESOLVER] = "";
	FILE *file = fopen(RESOLVER_FILE, "re");

	if (file != NULL)
	{
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
	}
	dialer->rules.resolvers.networks = dialer->resolvers;
	dialer->rules.resolvers.count = rg_resolvers_read(text, dialer->resolvers);
}

static bool
open_descriptors(RgDialer *dialer)
{
	struct epoll_event event = {.events = EPOLLIN};

	dialer->epoll = epoll_create1(EPOLL_CLOEXEC);
	dialer->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return dialer->epoll >= 0 && dialer->timer >= 0 &&
		   epoll_ctl(dialer->epoll, EPOLL_CTL_ADD, dialer->timer, &event) == 0;
}

RgDialer *
rg_dialer_start(const RgDialerSettings *settings, int listener, pid_t child)
{
	RgDialer *dialer = calloc(1, sizeof(RgDialer));

	if (dialer == NULL)
		return NULL;
	dialer->listener = listener;
	dialer->child = child;
	dialer->report = settings->report;
	dialer->timeout = (int64_t) settings->timeout * 1000;
	dialer->rules.local_port = settings->local_port;
	dialer->rules.proxy_port = settings->proxy_port;
	dialer->rules.networks.allowed = settings->allowed;
	dialer->rules.networks.denied = settings->denied;
	dialer->most_sockets = raise_descriptors();
	dialer->sweep_at = FIRST_SWEEP;
	read_resolvers(dialer);
	if (!open_descriptors(dialer))
	{
		rg_dialer_end(dialer);
		return NULL;
	}
	return dialer;
}

int
rg_dialer_descriptor(const RgDialer *dialer)
{
	return dialer->epoll;
}

void
rg_dialer_end(RgDialer *dialer)
{
	int saved = errno;

	for (int i = dialer->sockets.count - 1; i >= 0; i--)
	{
		RgSocket *socket = &dialer->sockets.items[i];

		if (socket->state == RG_SOCKET_DIALING)
			rg_dialing_let_go(dialer, socket, "pending");
		else
			rg_sockets_remove(&dialer->sockets, socket);
	}
	free(dialer->sockets.items);
	free(dialer->waiters);
	rg_own_addresses_free(&dialer->own);
	if (dialer->epoll >= 0)
		close(dialer->epoll);
	if (dialer->timer >= 0)
		close(dialer->timer);
	free(dialer);
	errno = saved;
}

/* The events name the socket by its inode, since what was there may be gone; 0 is the timer. */
void
rg_dialer_work(RgDialer *dialer)
{
	struct epoll_event events[32];
	int count = epoll_wait(dialer->epoll, events, 32, 0);
	bool tick = false;

	for (int i = 0; i < count; i++)
	{
		RgSocket *socket = rg_sockets_find(&dialer->sockets, (ino_t) events[i].data.u64);

		if (events[i].data.u64 == 0)
			tick = true;
		else if (socket != NULL)
			rg_dialing_check(dialer, socket);
	}
	if (tick)
		rg_dialing_tick(dialer);
}

/* What is wrong with these arguments of socket(), as the kernel would have it; 0: nothing. */
static int
judge_socket(int domain, int type, int protocol)
{
	int kind = type & ~TYPE_FLAGS;

	if (domain != AF_INET && domain != AF_INET6)
		return EAFNOSUPPORT;
	if (kind < 0 || kind > SOCK_PACKET)
		return EINVAL;
	if (kind == SOCK_RAW || kind == SOCK_PACKET)
		return EPERM;
	if (kind == SOCK_STREAM)
		return protocol == 0 || protocol == IPPROTO_TCP ? 0 : EPROTONOSUPPORT;
	if (kind == SOCK_DGRAM)
		return protocol == 0 || protocol == IPPROTO_UDP ? 0 : EPROTONOSUPPORT;
	return ESOCKTNOSUPPORT;
}

/*
 * Hands the socket over, and answers with the number that it has there. With SECCOMP_ADDFD_FLAG_SEND one call
 * would do both; but where that call is interrupted, the kernel answers 0. Returns 0, or what to answer
 * instead.
 */
static int
hand_over(const RgDialer *dialer, uint64_t notification, int descriptor, bool close_on_exec)
{
	struct seccomp_notif_addfd hand = {
		.id = notification, .srcfd = (uint32_t) descriptor, .newfd_flags = close_on_exec ? O_CLOEXEC : 0};
	struct seccomp_notif_resp response = {.id = notification};

	while ((response.val = ioctl(dialer->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &hand)) < 0)
	{
		if (errno != EINTR)
			return errno;
	}
	while (ioctl(dialer->listener, SECCOMP_IOCTL_NOTIF_SEND, &response) != 0)
	{
		if (errno != EINTR)
			return errno;
	}
	return 0;
}

/* Makes room for one more. The number at which to sweep grows with what the connector really holds. */
static bool
has_room(RgDialer *dialer)
{
	if (dialer->sockets.count >= dialer->sweep_at || dialer->sockets.count >= dialer->most_sockets)
	{
		rg_dialing_sweep(dialer);
		dialer->sweep_at = 2 * dialer->sockets.count;
		if (dialer->sweep_at < FIRST_SWEEP)
			dialer->sweep_at = FIRST_SWEEP;
	}
	return dialer->sockets.count < dialer->most_sockets;
}

/* A UDP socket is answered with a TCP socket that is never connected: without any, libcurl believes that
 * there is no IPv6. */
static int
make_socket(RgDialer *dialer, uint64_t notification, int domain, int type)
{
	int flags = SOCK_CLOEXEC | (type & SOCK_NONBLOCK);
	RgSocket *made;
	int descriptor;
	int error;

	if (!has_room(dialer))
		return EMFILE;
	descriptor = socket(domain, SOCK_STREAM | flags, IPPROTO_TCP);
	if (descriptor < 0)
		return errno;
	made = rg_sockets_add(&dialer->sockets, descriptor, (type & ~TYPE_FLAGS) == SOCK_STREAM);
	if (made == NULL)
	{
		close(descriptor);
		return ENOMEM;
	}
	error = hand_over(dialer, notification, descriptor, type & SOCK_CLOEXEC);
	if (error != 0)
		rg_sockets_remove(&dialer->sockets, made);
	return error;
}

static void
serve_socket(RgDialer *dialer, const struct seccomp_notif *notification)
{
	int domain = (int) notification->data.args[0];
	int type = (int) notification->data.args[1];
	int error = judge_socket(domain, type, (int) notification->data.args[2]);

	if (error == 0)
		error = make_socket(dialer, notification->id, domain, type);
	if (error != 0)
		rg_dialing_answer(dialer, notification->id, error);
}

/* Copies the address out of the connector's memory. Returns an error as the kernel's connect() does. */
static int
copy_address(const struct seccomp_notif *notification, RgBytes *address)
{
	char path[32];
	int memory;
	ssize_t copied = 0;

	address->length = (int) notification->data.args[2];
	if (address->length < 0 || address->length > (int) sizeof(address->bytes))
		return EINVAL;
	snprintf(path, sizeof(path), "/proc/%u/mem", notification->pid);
	memory = open(path, O_RDONLY | O_CLOEXEC);
	if (memory < 0)
		return EACCES;
	if (address->length > 0)
		copied = pread(memory, address->bytes, (size_t) address->length, (off_t) notification->data.args[1]);
	close(memory);
	return copied == address->length ? 0 : EFAULT;
}

/* The file behind the connector's descriptor. */
static int
find_file(const struct seccomp_notif *notification, struct stat *file)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%u/fd/%d", notification->pid, (int) notification->data.args[0]);
	if (stat(path, file) == 0)
		return 0;
	return errno == EACCES || errno == EPERM ? EACCES : EBADF;
}

/* Without knowledge of this machine's addresses nothing is dialed. */
static const char *
refusal(RgDialer *dialer, const RgDial *dial)
{
	int64_t now = rg_dialing_now();

	if (dialer->rules.local_port == 0 && dialer->rules.proxy_port == 0 &&
		(dialer->own.networks == NULL || now - dialer->own_read_at > OWN_FRESH))
	{
		rg_own_addresses_free(&dialer->own);
		if (!rg_own_addresses_read(&dialer->own))
			return "unknown";
		dialer->own_read_at = now;
	}
	dialer->rules.networks.own = (RgNetworks){dialer->own.count, dialer->own.networks};
	return rg_dial_refusal(&dialer->rules, dial);
}

static bool
is_disconnect(const RgBytes *address)
{
	sa_family_t family;

	if (address->length < (int) sizeof(family))
		return false;
	memcpy(&family, address->bytes, sizeof(family));
	return family == AF_UNSPEC;
}

static void
vet_and_dial(RgDialer *dialer, const struct seccomp_notif *notification, RgSocket *socket,
			 const RgBytes *address)
{
	RgDial dial;
	bool is_address = rg_dial_read(address->bytes, (size_t) address->length, &dial);
	const char *word = is_address && socket->is_stream ? refusal(dialer, &dial) : NULL;

	if (word != NULL)
		rg_dialing_report(dialer, &dial, "denied:", word);
	if (word != NULL || (!socket->is_stream && !is_disconnect(address)))
		rg_dialing_answer(dialer, notification->id, EACCES);
	else
		rg_dialing_begin(dialer, notification, socket, address, is_address ? &dial : NULL);
}

/* A connect under way that has ended meanwhile is dealt with first. */
static RgSocket *
current_socket(RgDialer *dialer, const struct stat *file)
{
	RgSocket *socket = rg_sockets_of(&dialer->sockets, file);

	if (socket == NULL || socket->state != RG_SOCKET_DIALING)
		return socket;
	rg_dialing_check(dialer, socket);
	return rg_sockets_of(&dialer->sockets, file);
}

/* The order of errors is the kernel's. What was read counts only if the thread is still in this call:
 * otherwise its number may be another process's by now. */
static void
serve_connect(RgDialer *dialer, const struct seccomp_notif *notification)
{
	struct stat file;
	RgBytes address;
	RgSocket *socket = NULL;
	int error = find_file(notification, &file);

	if (error == 0)
		error = copy_address(notification, &address);
	if (error == 0 && !S_ISSOCK(file.st_mode))
		error = ENOTSOCK;
	if (error == 0)
		socket = current_socket(dialer, &file);
	if (ioctl(dialer->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &notification->id) != 0)
		return;
	if (socket == NULL)
		rg_dialing_answer(dialer, notification->id, error != 0 ? error : EISCONN);
	else if (socket->state == RG_SOCKET_CONNECTED)
	{
		rg_dialing_answer(dialer, notification->id, 0);
		rg_sockets_remove(&dialer->sockets, socket);
	}
	else
		vet_and_dial(dialer, notification, socket, &address);
}

bool
rg_dialer_serve(RgDialer *dialer, const struct seccomp_notif *notification)
{
	if (notification->data.nr == SYS_socket)
		serve_socket(dialer, notification);
	else if (notification->data.nr == SYS_connect)
		serve_connect(dialer, notification);
	else
		return false;
	return true;
}
