/*
 * dialer_same.c — connects through the dialer behave as without it, also when they wait, are interrupted or
 * race. Prints TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "same.h"

static void
case_accepted(int out)
{
	int descriptor = blocking();

	say_dial(out, descriptor, listening);
	say_state(out, descriptor);
	say_dial(out, descriptor, listening);
	exchange(out, descriptor, listening);
}

static void
case_refused(int out)
{
	int descriptor = blocking();

	say_dial(out, descriptor, refusing);
	say_state(out, descriptor);
	say_dial(out, descriptor, refusing);
	say_dial(out, descriptor, listening);
	exchange(out, descriptor, listening);
}

static void
case_not_blocking(int out)
{
	int descriptor = non_blocking();

	say_dial(out, descriptor, listening);
	await(out, descriptor);
	say_state(out, descriptor);
	say_dial(out, descriptor, listening);
	say_dial(out, descriptor, listening);
	fcntl(descriptor, F_SETFL, 0);
	exchange(out, descriptor, listening);
}

static void
case_not_blocking_refused(int out)
{
	int descriptor = non_blocking();

	say_dial(out, descriptor, refusing);
	await(out, descriptor);
	usleep(50000); /* the supervisor sees the end, too, and must not take the error away */
	say_state(out, descriptor);
	say_dial(out, descriptor, refusing);
	say_dial(out, descriptor, listening);
	await(out, descriptor);
	say_state(out, descriptor);
	empty(listening);
}

static void
case_error_by_connect(int out)
{
	int descriptor = non_blocking();

	say_dial(out, descriptor, refusing);
	await(out, descriptor);
	say_dial(out, descriptor, refusing);
	say_state(out, descriptor);
	say_dial(out, descriptor, refusing);
	await(out, descriptor);
	say_state(out, descriptor);
}

static void
case_registered_before(int out)
{
	int descriptor = non_blocking();
	int epoll = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLOUT | EPOLLET};

	epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
	epoll_wait(epoll, &event, 1, 0);
	say_dial(out, descriptor, listening);
	say(out, "epoll %d", epoll_wait(epoll, &event, 1, 5000));
	say(out, ", %x\n", event.events);
	say_state(out, descriptor);
	empty(listening);
}

static void
case_dead(int out)
{
	int descriptor = non_blocking();
	struct pollfd polled = {descriptor, POLLOUT, 0};

	say_dial(out, descriptor, full);
	say_dial(out, descriptor, full);
	say(out, "poll %d\n", poll(&polled, 1, 50));
	say_state(out, descriptor);
	say(out, "close %d\n", close(descriptor));
}

static void
send_timeout(int descriptor, int milliseconds)
{
	struct timeval timeout = {milliseconds / 1000, milliseconds % 1000 * 1000};

	setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
}

static void
case_send_timeout(int out)
{
	int descriptor = blocking();

	send_timeout(descriptor, 60);
	say_dial(out, descriptor, full);
	say_dial(out, descriptor, full);
	say_state(out, descriptor);
}

static volatile sig_atomic_t alarms;
static int at_alarm = -1; /* the number at which the full server's queue is emptied */

static void
on_alarm(int signal)
{
	(void) signal;
	if (++alarms == at_alarm)
		empty(full);
}

static void
alarm_by(int flags, int every)
{
	struct sigaction action = {.sa_handler = on_alarm, .sa_flags = flags};
	struct itimerval timer = {{0, every * 1000}, {0, 60000}};

	alarms = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static void
no_alarms(void)
{
	struct itimerval none = {0};

	setitimer(ITIMER_REAL, &none, NULL);
}

/* Again and again: the first alarm may come before the connection is waited for. */
static void
case_interrupted(int out)
{
	int descriptor = blocking();

	alarm_by(0, 60);
	say_dial(out, descriptor, full);
	no_alarms();
	say(out, "alarms: %d\n", alarms > 0);
	say_state(out, descriptor);
}

static void
case_interrupted_with_timeout(int out)
{
	int descriptor = blocking();

	send_timeout(descriptor, 5000);
	alarm_by(0, 60);
	say_dial(out, descriptor, full);
	no_alarms();
	say(out, "alarms: %d\n", alarms > 0);
}

static void
case_restarted(int out)
{
	int descriptor = blocking();

	at_alarm = 3;
	alarm_by(SA_RESTART, 60);
	say_dial(out, descriptor, full);
	say(out, "three alarms and more: %d\n", alarms >= 3);
	no_alarms();
	say_state(out, descriptor);
}

static void
case_thread_interrupted(int out)
{
	struct sigaction action = {.sa_handler = on_alarm};
	Dialing dialing;

	sigaction(SIGUSR1, &action, NULL);
	start_dialing(&dialing, blocking(), full);
	do
	{
		usleep(60000);
		pthread_kill(dialing.thread, SIGUSR1);
	} while (!dialing.has_ended);
	say_dialed(out, &dialing);
	say(out, "alarms: %d\n", alarms > 0);
}

static void
case_closed_by_another_thread(int out)
{
	Dialing dialing;
	int descriptor = blocking();

	send_timeout(descriptor, 1000);
	start_dialing(&dialing, descriptor, full);
	usleep(A_WHILE);
	close(descriptor);
	say_dialed(out, &dialing);
}

static void
case_two_threads_one_socket(int out)
{
	Dialing first;
	Dialing second;
	int descriptor = blocking();

	start_dialing(&first, descriptor, full);
	usleep(A_WHILE);
	start_dialing(&second, descriptor, full);
	usleep(A_WHILE);
	empty(full);
	say_dialed(out, &first);
	say_dialed(out, &second);
	say_state(out, descriptor);
}

static void *
dial_often(void *argument)
{
	int *count = argument;

	for (int i = 0; i < 20; i++)
	{
		int descriptor = i % 2 ? blocking() : non_blocking();
		struct pollfd polled = {descriptor, POLLOUT, 0};
		int error = dial(descriptor, listening) == 0 ? 0 : errno;

		if (error == EINPROGRESS && poll(&polled, 1, 5000) == 1)
			error = 0;
		*count += error == 0 && write(descriptor, "x", 1) == 1;
		close(descriptor);
	}
	return NULL;
}

static void *
accept_all(void *argument)
{
	char byte;

	for (int i = 0; i < *(int *) argument; i++)
	{
		int peer = accept(listening, NULL, NULL);

		if (read(peer, &byte, 1) != 1 || read(peer, &byte, 1) != 0)
			i = *(int *) argument;
		close(peer);
	}
	return NULL;
}

static void
case_many_threads(int out)
{
	pthread_t threads[16];
	pthread_t accepting;
	int counts[16] = {0};
	int expected = 16 * 20;
	int sum = 0;

	pthread_create(&accepting, NULL, accept_all, &expected);
	for (int i = 0; i < 16; i++)
		pthread_create(&threads[i], NULL, dial_often, &counts[i]);
	for (int i = 0; i < 16; i++)
	{
		pthread_join(threads[i], NULL);
		sum += counts[i];
	}
	pthread_join(accepting, NULL);
	say(out, "%d connections\n", sum);
}

static void
case_fast_open(int out)
{
	int descriptor = blocking();
	int one = 1;

	setsockopt(descriptor, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one));
	say_dial(out, descriptor, listening);
	exchange(out, descriptor, listening);
}

static void
case_shut_down(int out)
{
	int descriptor = non_blocking();

	say_dial(out, descriptor, full);
	say(out, "shutdown %s\n", name(shutdown(descriptor, SHUT_RDWR)));
	await(out, descriptor);
	say_state(out, descriptor);
}

static void
case_made_non_blocking(int out)
{
	int descriptor = blocking();

	fcntl(descriptor, F_SETFL, O_NONBLOCK);
	say_dial(out, descriptor, listening);
	await(out, descriptor);
	say_state(out, descriptor);
	empty(listening);
}

static const Case equal[] = {
	{"a blocking connect", case_accepted},
	{"a blocking connect that is refused, and another on the same socket", case_refused},
	{"a non-blocking connect", case_not_blocking},
	{"a non-blocking connect that is refused: SO_ERROR says so", case_not_blocking_refused},
	{"a non-blocking connect that is refused: the next connect() says so", case_error_by_connect},
	{"a socket in epoll before its connect", case_registered_before},
	{"a host that does not answer, not waited for", case_dead},
	{"SO_SNDTIMEO", case_send_timeout},
	{"a signal in mid-connect", case_interrupted},
	{"a signal in mid-connect, with SO_SNDTIMEO", case_interrupted_with_timeout},
	{"signals whose handlers let the connect go on", case_restarted},
	{"a signal for the one thread that waits", case_thread_interrupted},
	{"a socket that another thread closes in mid-connect", case_closed_by_another_thread},
	{"two threads that connect one socket", case_two_threads_one_socket},
	{"320 connects of 16 threads", case_many_threads},
	{"TCP_FASTOPEN_CONNECT", case_fast_open},
	{"shutdown in mid-connect", case_shut_down},
	{"a socket made non-blocking afterwards", case_made_non_blocking},
};

int
main(void)
{
	open_servers();
	check_same(equal, sizeof(equal) / sizeof(*equal));
	return finished();
}
