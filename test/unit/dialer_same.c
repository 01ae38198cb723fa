/*
 * dialer_same.c — sockets through the dialer behave as without it: each case runs both ways and says the
 * same. Prints TAP.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "servers.h"

static void
exchange(int out, int descriptor, int server)
{
	int peer = accept(server, NULL, NULL);
	char word[4] = "";

	say(out, "write %zd", write(descriptor, "abc", 3));
	say(out, ", read %zd", read(peer, word, 3));
	say(out, ", write back %zd", write(peer, "xyz", 3));
	say(out, ", read back %zd\n", read(descriptor, word, 3));
	close(descriptor);

	struct pollfd polled = {peer, POLLIN, 0};
	int count = poll(&polled, 1, 5000);

	say(out, "the peer sees the end: %d, %zd\n", count, read(peer, word, 3));
	close(peer);
}

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
case_interrupted(int out)
{
	int descriptor = blocking();

	alarm_by(0, 0);
	say_dial(out, descriptor, full);
	say(out, "alarms %d\n", alarms);
	say_state(out, descriptor);
}

static void
case_interrupted_with_timeout(int out)
{
	int descriptor = blocking();

	send_timeout(descriptor, 5000);
	alarm_by(0, 0);
	say_dial(out, descriptor, full);
	say(out, "alarms %d\n", alarms);
}

static void
case_restarted(int out)
{
	int descriptor = blocking();

	at_alarm = 3;
	alarm_by(SA_RESTART, 60);
	say_dial(out, descriptor, full);
	say(out, "three alarms and more: %d\n", alarms >= 3);
	alarm_by(SA_RESTART, 0);
	say_state(out, descriptor);
}

static void
case_thread_interrupted(int out)
{
	struct sigaction action = {.sa_handler = on_alarm};
	Dialing dialing;

	sigaction(SIGUSR1, &action, NULL);
	start_dialing(&dialing, blocking(), full);
	usleep(60000);
	pthread_kill(dialing.thread, SIGUSR1);
	say_dialed(out, &dialing);
	say(out, "alarms %d\n", alarms);
}

static void
case_closed_by_another_thread(int out)
{
	Dialing dialing;
	int descriptor = blocking();

	send_timeout(descriptor, 400);
	start_dialing(&dialing, descriptor, full);
	usleep(60000);
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
	usleep(60000);
	start_dialing(&second, descriptor, full);
	usleep(60000);
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
case_lengths(int out)
{
	static const int lengths[] = {-1, 0, 1, 2, 8, 15, 16, 17, 28, 128, 129, 65536, INT32_MIN};
	unsigned char bytes[256] = {0};
	struct sockaddr_in address = address4(listening);

	memcpy(bytes, &address, sizeof(address));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
	{
		int descriptor = blocking();
		int result = connect(descriptor, (struct sockaddr *) bytes, (socklen_t) lengths[i]);

		say(out, "%d: %s\n", lengths[i], name(result));
		close(descriptor);
	}
	empty(listening);
}

static void
case_lengths_of_ipv6(int out)
{
	static const int lengths[] = {2, 16, 23, 24, 27, 28, 128};
	unsigned char bytes[128] = {0};
	struct sockaddr_in6 address = address6(listening6);

	memcpy(bytes, &address, sizeof(address));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
	{
		int descriptor = socket(AF_INET6, SOCK_STREAM, 0);
		int result = connect(descriptor, (struct sockaddr *) bytes, (socklen_t) lengths[i]);

		say(out, "%d: %s\n", lengths[i], name(result));
		say_state(out, descriptor);
		close(descriptor);
	}
	empty(listening6);
}

static void
case_pointers(int out)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct sockaddr_in address = address4(listening);
	const void *places[] = {NULL,        (void *) 8, (void *) -4096, (void *) 0x7fffffffffff0000,
							page + 4096, page + 4090};

	munmap(page + 4096, 4096);
	memcpy(page + 4090, &address, 6);
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
	{
		int result = connect(blocking(), places[i], sizeof(address));

		say(out, "place %zu: %s\n", i, name(result));
	}
	memcpy(page + 4080, &address, sizeof(address));
	say(out, "to the end of a page: %s\n",
		name(connect(blocking(), (void *) (page + 4080), sizeof(address))));
	empty(listening);
}

static void
case_descriptors(int out)
{
	int ends[2];
	int closed = dup(0);
	int file = open("/dev/null", O_RDWR);

	close(closed);
	if (pipe(ends) != 0)
		return;
	int wrong[] = {-1, closed, file, ends[0], 100000};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		say_dial(out, wrong[i], listening);
	say(out, "first the descriptor: %s\n", name(connect(-1, NULL, 16)));
	say(out, "then the address: %s\n", name(connect(file, NULL, 16)));
}

static void
case_disconnected(int out)
{
	int descriptor = non_blocking();

	say(out, "at first %s\n", name(disconnect(descriptor)));
	say_dial(out, descriptor, full);
	say(out, "in mid-connect %s\n", name(disconnect(descriptor)));
	say_state(out, descriptor);
	say_dial(out, descriptor, refusing);
	await(out, descriptor);
	say(out, "when it failed %s\n", name(disconnect(descriptor)));
	fcntl(descriptor, F_SETFL, 0);
	say_dial(out, descriptor, listening);
	say_state(out, descriptor);
	empty(listening);
}

static void
case_families(int out)
{
	struct sockaddr_in6 other = mapped(listening);
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/nonexistent"};
	int six = socket(AF_INET6, SOCK_STREAM, 0);
	int descriptor = blocking();

	say_dial(out, six, listening);
	say(out, "an IPv6 address: %s\n", name(connect(descriptor, (struct sockaddr *) &other, sizeof(other))));
	say(out, "a path: %s\n", name(connect(descriptor, (struct sockaddr *) &local, sizeof(local))));
	say(out, "a short path: %s\n", name(connect(descriptor, (struct sockaddr *) &local, 4)));
	say(out, "a mapped one: %s\n", name(connect(six, (struct sockaddr *) &other, sizeof(other))));
	say_state(out, six);
	empty(listening);
}

static void
case_only_ipv6(int out)
{
	struct sockaddr_in6 other = mapped(listening);
	int six = socket(AF_INET6, SOCK_STREAM, 0);
	int one = 1;

	setsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	say(out, "a mapped one: %s\n", name(connect(six, (struct sockaddr *) &other, sizeof(other))));
}

static void
case_duplicates(int out)
{
	int descriptor = blocking();
	int copy = dup(descriptor);
	int other = fcntl(descriptor, F_DUPFD_CLOEXEC, 50);

	close(descriptor);
	say_dial(out, copy, listening);
	say_dial(out, other, listening);
	close(copy);
	exchange(out, other, listening);
}

static void
case_sockets(int out)
{
	static const int asked[][3] = {{AF_INET, SOCK_STREAM, 0},
								   {AF_INET, SOCK_STREAM, IPPROTO_TCP},
								   {AF_INET6, SOCK_STREAM, 0},
								   {AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, IPPROTO_TCP},
								   {AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0},
								   {AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0},
								   {AF_INET, SOCK_STREAM, IPPROTO_UDP},
								   {AF_INET, SOCK_DGRAM, IPPROTO_TCP},
								   {AF_INET, SOCK_RDM, 0},
								   {AF_INET, 77, 0},
								   {AF_INET, -1, 0},
								   {AF_INET, SOCK_STREAM | 0x100000, 0},
								   {AF_INET, SOCK_STREAM, 255},
								   {1000, SOCK_STREAM, 0},
								   {AF_INET, SOCK_SEQPACKET, 0}};

	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
	{
		int descriptor = socket(asked[i][0], asked[i][1], asked[i][2]);

		say(out, "%zu: %s", i, descriptor >= 0 ? "made" : name(-1));
		if (descriptor >= 0)
		{
			int type = 0;
			socklen_t length = sizeof(type);

			getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length);
			say(out, ", type %d, %x, %o", type, (unsigned) fcntl(descriptor, F_GETFD),
				(unsigned) fcntl(descriptor, F_GETFL));
		}
		say(out, "\n");
	}
}

static void
case_too_many(int out)
{
	struct rlimit limit = {40, 40};
	int count = 0;

	setrlimit(RLIMIT_NOFILE, &limit);
	while (blocking() >= 0)
		count++;
	say(out, "%s\n", name(-1));
	close(10);
	say(out, "again: %d\n", blocking());
}

static void
case_bound(int out)
{
	struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK + 4)}};
	struct sockaddr_in seen;
	socklen_t length = sizeof(seen);
	int descriptor = blocking();

	say(out, "bind %s\n", name(bind(descriptor, (struct sockaddr *) &source, sizeof(source))));
	say_dial(out, descriptor, listening);
	close(accept(listening, (struct sockaddr *) &seen, &length));
	say(out, "from %x\n", ntohl(seen.sin_addr.s_addr));
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

typedef struct Case
{
	const char *what;
	Behaviour behaviour;
} Case;

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
	{"lengths of an address", case_lengths},
	{"lengths of an IPv6 address", case_lengths_of_ipv6},
	{"addresses out of memory", case_pointers},
	{"descriptors that are no sockets", case_descriptors},
	{"AF_UNSPEC", case_disconnected},
	{"addresses of another family, and mapped ones", case_families},
	{"a mapped address for a socket of IPv6 only", case_only_ipv6},
	{"duplicates of a descriptor", case_duplicates},
	{"arguments of socket()", case_sockets},
	{"as many sockets as it may have", case_too_many},
	{"a source address", case_bound},
	{"TCP_FASTOPEN_CONNECT", case_fast_open},
	{"shutdown in mid-connect", case_shut_down},
	{"a socket made non-blocking afterwards", case_made_non_blocking},
};

static void
test_equal(void)
{
	static Outcome without;
	static Outcome with;

	for (size_t i = 0; i < sizeof(equal) / sizeof(*equal); i++)
	{
		reset();
		supervise(equal[i].behaviour, NULL, false, &without);
		for (int is_killable = 0; is_killable < 2; is_killable++)
		{
			char what[200];

			reset();
			supervise(equal[i].behaviour, &settings, is_killable, &with);
			snprintf(what, sizeof(what), "%s (%s)", equal[i].what,
					 is_killable ? "killable" : "interruptible");
			ok(strcmp(without.said, with.said) == 0 && without.status == with.status && without.said[0] != 0,
			   what);
			if (strcmp(without.said, with.said) != 0 || without.status != with.status)
				fprintf(stderr, "# without (%d):\n%s# with (%d):\n%s# report:\n%s", without.status,
						without.said, with.status, with.said, with.reported);
		}
	}
}

int
main(void)
{
	open_servers();
	test_equal();
	return finished();
}
