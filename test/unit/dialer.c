/*
 * dialer.c — sockets through the dialer behave as without it: each case runs both ways and says the same.
 * Then what the dialer is for: what it refuses and reports. Prints TAP.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervised.h"

static int tests;
static int failures;

static void
ok(bool fine, const char *what)
{
	printf("%sok %d - %s\n", fine ? "" : "not ", ++tests, what);
	failures += !fine;
}

/* Servers of the test. Those of IPv4 are on 127.0.0.1. */
static int listening;  /* accepts */
static int listening6; /* on ::1 */
static int refusing;   /* bound, does not listen */
static int full;       /* a queue that is full: it does not answer until the queue is emptied */
static int filler;     /* what fills it */

static struct sockaddr_in
address4(int server)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);

	getsockname(server, (struct sockaddr *) &address, &length);
	return address;
}

static struct sockaddr_in6
address6(int server)
{
	struct sockaddr_in6 address;
	socklen_t length = sizeof(address);

	getsockname(server, (struct sockaddr *) &address, &length);
	return address;
}

static struct sockaddr_in6
mapped(int server)
{
	struct sockaddr_in inner = address4(server);
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = inner.sin_port};

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr);
	return address;
}

static int
bound(int backlog)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(server, (struct sockaddr *) &address, sizeof(address)) != 0 ||
		(backlog >= 0 && listen(server, backlog) != 0))
		err(1, "a server");
	return server;
}

static void
fill(void)
{
	struct sockaddr_in address = address4(full);

	filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(filler, (struct sockaddr *) &address, sizeof(address)) != 0)
		err(1, "a queue of one");
}

static void
open_servers(void)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

	listening = bound(512);
	refusing = bound(-1);
	full = bound(0);
	fill();
	listening6 = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listening6, (struct sockaddr *) &address, sizeof(address)) != 0 || listen(listening6, 128) != 0)
		err(1, "a server on ::1");
}

/* Takes everything out of a server's queue. */
static void
empty(int server)
{
	struct pollfd polled = {server, POLLIN, 0};

	while (poll(&polled, 1, 0) == 1)
		close(accept(server, NULL, NULL));
}

static const char *
name(int result)
{
	return result == 0 ? "0" : strerrorname_np(errno) ? strerrorname_np(errno) : "?";
}

static int
dial(int descriptor, int server)
{
	struct sockaddr_in address = address4(server);

	return connect(descriptor, (struct sockaddr *) &address, sizeof(address));
}

static void
say_dial(int out, int descriptor, int server)
{
	say(out, "connect %s\n", name(dial(descriptor, server)));
}

static void
say_state(int out, int descriptor)
{
	struct sockaddr_storage peer = {.ss_family = AF_UNSPEC};
	socklen_t length = sizeof(peer);
	int error = -1;
	socklen_t size = sizeof(error);

	getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
	say(out, "SO_ERROR %d, getpeername %s", error,
		name(getpeername(descriptor, (struct sockaddr *) &peer, &length)));
	say(out, ", family %d, flags %o\n", peer.ss_family, (unsigned) fcntl(descriptor, F_GETFL));
}

static void
await(int out, int descriptor)
{
	struct pollfd polled = {descriptor, POLLOUT, 0};
	int count = poll(&polled, 1, 5000);

	say(out, "poll %d, %x\n", count, (unsigned) polled.revents);
}

static int
blocking(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int
non_blocking(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
}

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

typedef struct Dialing
{
	pthread_t thread;
	int descriptor;
	int server;
	int error;
} Dialing;

static void *
dial_in_thread(void *argument)
{
	Dialing *dialing = argument;

	dialing->error = dial(dialing->descriptor, dialing->server) == 0 ? 0 : errno;
	return NULL;
}

static void
start_dialing(Dialing *dialing, int descriptor, int server)
{
	dialing->descriptor = descriptor;
	dialing->server = server;
	pthread_create(&dialing->thread, NULL, dial_in_thread, dialing);
}

static void
say_dialed(int out, Dialing *dialing)
{
	pthread_join(dialing->thread, NULL);
	errno = dialing->error;
	say(out, "thread: connect %s\n", name(dialing->error));
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

static int
disconnect(int descriptor)
{
	struct sockaddr nothing = {.sa_family = AF_UNSPEC};

	return connect(descriptor, &nothing, sizeof(nothing));
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

static RgNetwork allowed[2];
static RgNetwork denied[1];
static RgDialerSettings settings = {.allowed = {2, allowed}, .denied = {1, denied}, .timeout = 20};

/* What a child did with a server must not be in the next one's way. */
static void
reset(void)
{
	empty(listening);
	empty(listening6);
	close(filler);
	close(full);
	full = bound(0);
	fill();
}

static void
test_equal(void)
{
	static Outcome without;
	static Outcome with;

	for (size_t i = 0; i < sizeof(equal) / sizeof(*equal); i++)
	{
		for (int is_killable = 0; is_killable < 2; is_killable++)
		{
			char what[200];

			reset();
			supervise(equal[i].behaviour, NULL, false, &without);
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

/* What only a child with a dialer sees. */

static int sinks[3]; /* must see no connection: 127.0.0.9, 127.0.0.10 and ::1 at one port */
static uint16_t sink_port;

static int
sink(const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = sink_port};
	struct sockaddr_in6 six = {
		.sin6_family = AF_INET6, .sin6_port = sink_port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	bool is_six = strchr(text, ':') != NULL;
	int server = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	inet_pton(AF_INET, text, &address.sin_addr);
	if ((is_six ? bind(server, (struct sockaddr *) &six, sizeof(six))
				: bind(server, (struct sockaddr *) &address, sizeof(address))) != 0 ||
		listen(server, 100) != 0)
		err(1, "a sink on %s", text);
	sink_port = is_six ? six.sin6_port : address4(server).sin_port;
	return server;
}

static bool
sinks_are_dry(void)
{
	for (int i = 0; i < 3; i++)
	{
		if (accept(sinks[i], NULL, NULL) >= 0)
			return false;
	}
	return true;
}

static bool
reports(const Outcome *outcome, const char *line)
{
	return strstr(outcome->reported, line) != NULL;
}

static int
count_reports(const Outcome *outcome, const char *word)
{
	int count = 0;

	for (const char *at = strstr(outcome->reported, word); at != NULL; at = strstr(at + 1, word))
		count++;
	return count;
}

static void
test_outcome(const char *what, bool fine, const Outcome *outcome)
{
	ok(fine && WIFEXITED(outcome->status) && WEXITSTATUS(outcome->status) == 0, what);
	if (!fine || outcome->status != 0)
		fprintf(stderr, "# status %d, most descriptors %d, it said:\n%s# report:\n%.2000s", outcome->status,
				outcome->most_descriptors, outcome->said, outcome->reported);
}

static void
other_sockets(int out)
{
	static const int asked[][3] = {{AF_UNIX, SOCK_STREAM, 0},         {AF_UNIX, SOCK_DGRAM, 0},
								   {AF_NETLINK, SOCK_RAW, 0},         {AF_PACKET, SOCK_RAW, 0},
								   {AF_INET, SOCK_RAW, IPPROTO_ICMP}, {AF_INET, SOCK_DGRAM, IPPROTO_ICMP},
								   {AF_INET, SOCK_STREAM, 262},       {AF_INET, SOCK_SEQPACKET, 132},
								   {AF_VSOCK, SOCK_STREAM, 0},        {AF_ALG, SOCK_SEQPACKET, 0}};

	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		say(out, "%s ", name(socket(asked[i][0], asked[i][1], asked[i][2])));
}

static void
datagrams(int out)
{
	int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_UDP);
	int six = socket(AF_INET6, SOCK_DGRAM, 0);
	int type = 0;
	socklen_t length = sizeof(type);

	getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length);
	say(out, "%d %d %o ", six >= 0, type == SOCK_STREAM, (unsigned) fcntl(descriptor, F_GETFL));
	say(out, "%s ", name(dial(descriptor, listening)));
	say(out, "%s ", name(disconnect(descriptor)));
	say(out, "%s\n", name(dial(dup(descriptor), listening)));
}

/* Spellings of addresses that are denied, by both kinds of socket, at once and not. */
static const char *const spellings[] = {"127.0.0.9",
										"127.0.0.10",
										"0.0.0.0",
										"127.255.255.254",
										"169.254.169.254",
										"100.100.100.200",
										"168.63.129.16",
										"224.0.0.1",
										"255.255.255.255",
										"192.0.0.192",
										"::1",
										"::",
										"::ffff:127.0.0.9",
										"::ffff:127.0.0.10",
										"::ffff:0.0.0.0",
										"::127.0.0.9",
										"::ffff:0:127.0.0.9",
										"64:ff9b::127.0.0.9",
										"64:ff9b:1::127.0.0.9",
										"2002:7f00:9::",
										"2001:0:7f00:9::",
										"fe80::5efe:127.0.0.9",
										"fe80::1",
										"fec0::1",
										"ff02::1",
										"fd00:ec2::254",
										"fd20:ce::254",
										"::ffff:169.254.169.254"};

static int
dial_text(int descriptor, const char *text)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = sink_port};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = sink_port};

	if (inet_pton(AF_INET, text, &address.sin_addr) == 1)
		return connect(descriptor, (struct sockaddr *) &address, sizeof(address));
	inet_pton(AF_INET6, text, &six.sin6_addr);
	return connect(descriptor, (struct sockaddr *) &six, sizeof(six));
}

static void
dial_denied(int out)
{
	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++)
	{
		for (int flags = 0; flags <= SOCK_NONBLOCK; flags += SOCK_NONBLOCK)
		{
			int four = socket(AF_INET, SOCK_STREAM | flags, 0);
			int six = socket(AF_INET6, SOCK_STREAM | flags, 0);

			if (dial_text(four, spellings[i]) == 0 || errno != EACCES || dial_text(six, spellings[i]) == 0 ||
				errno != EACCES)
				say(out, "%s: %m\n", spellings[i]);
			close(four);
			close(six);
		}
	}
	say(out, "done");
}

static void
test_denied(void)
{
	static Outcome outcome;
	RgDialerSettings strict = {.timeout = 5};

	supervise(other_sockets, &strict, true, &outcome);
	test_outcome("sockets of other families and types are refused",
				 strcmp(outcome.said,
						"EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT EPERM EPROTONOSUPPORT "
						"EPROTONOSUPPORT ESOCKTNOSUPPORT EAFNOSUPPORT EAFNOSUPPORT ") == 0,
				 &outcome);
	supervise(datagrams, &settings, true, &outcome);
	test_outcome("a TCP socket that may not be connected stands in for a UDP socket",
				 strcmp(outcome.said, "1 1 4002 EACCES 0 EACCES\n") == 0 && outcome.reported[0] == '\0',
				 &outcome);
	supervise(dial_denied, &strict, true, &outcome);
	test_outcome("every spelling of a denied address is EACCES", strcmp(outcome.said, "done") == 0, &outcome);
	ok(sinks_are_dry(), "and the sinks saw none of them");
	ok(count_reports(&outcome, "denied:reserved\n") == 4 * (int) (sizeof(spellings) / sizeof(*spellings)),
	   "each is reported");
}

static void
dial_three(int out)
{
	say_dial(out, blocking(), listening);
	say_dial(out, blocking(), refusing);
	say(out, "%s\n", name(dial_text(socket(AF_INET6, SOCK_STREAM, 0), "::1")));
}

static void
test_local(void)
{
	static Outcome outcome;
	RgDialerSettings local = settings;

	local.local_port = ntohs(address4(listening).sin_port);
	supervise(dial_three, &local, true, &outcome);
	test_outcome("behind a tunnel, nothing but its port is dialed",
				 strcmp(outcome.said, "connect 0\nconnect EACCES\nEACCES\n") == 0 &&
					 count_reports(&outcome, "denied:tunnel\n") == 2,
				 &outcome);
	empty(listening);
	ok(sinks_are_dry(), "and the sinks saw nothing");
}

static void
time_out(int out)
{
	int descriptor = blocking();
	int other = non_blocking();

	say_dial(out, other, full);
	say_dial(out, descriptor, full);
	say_dial(out, descriptor, listening);
	empty(listening);
}

static void
dial_refusing(int out)
{
	int descriptor = non_blocking();

	say_dial(out, descriptor, refusing);
	await(out, descriptor);
	usleep(50000);
}

static void
leave_in_mid_connect(int out)
{
	int descriptor = non_blocking();

	say_dial(out, descriptor, full);
}

/* The supervisor has let the socket go when the peer sees its end, though the child lives. */
static void
close_in_mid_connect(int out)
{
	int descriptor = non_blocking();
	char byte;

	say_dial(out, descriptor, full);
	close(descriptor);
	usleep(500000);
	empty(full);
	descriptor = blocking();
	say_dial(out, descriptor, full);

	int peer = accept(full, NULL, NULL);

	say(out, "write %zd, ", write(descriptor, "x", 1));
	say(out, "read %zd\n", read(peer, &byte, 1));
}

static void
killed_in_mid_connect(int out)
{
	Dialing dialing;

	start_dialing(&dialing, blocking(), full);
	usleep(60000);
	say(out, "killed");
	kill(getpid(), SIGKILL);
}

static void
test_reports(void)
{
	static Outcome outcome;
	RgDialerSettings second = settings;

	second.timeout = 1;
	reset();
	supervise(time_out, &second, true, &outcome);
	test_outcome("a blocking connect ends after the connection's time-out, and its socket can be used again",
				 strcmp(outcome.said, "connect EINPROGRESS\nconnect ETIMEDOUT\nconnect 0\n") == 0 &&
					 count_reports(&outcome, " timeout\n") == 2 &&
					 count_reports(&outcome, " connected\n") == 1,
				 &outcome);
	supervise(dial_refusing, &settings, true, &outcome);
	test_outcome("a non-blocking connect that is refused is reported so",
				 reports(&outcome, " failed:ECONNREFUSED\n"), &outcome);
	supervise(leave_in_mid_connect, &settings, true, &outcome);
	test_outcome("an end in mid-connect", count_reports(&outcome, " pending\n") == 1, &outcome);
	supervise(close_in_mid_connect, &settings, true, &outcome);
	test_outcome("a close in mid-connect ends the connect",
				 strcmp(outcome.said, "connect EINPROGRESS\nconnect 0\nwrite 1, read 1\n") == 0 &&
					 count_reports(&outcome, " pending\n") == 1,
				 &outcome);
	reset();
	supervise(killed_in_mid_connect, &settings, true, &outcome);
	ok(WIFSIGNALED(outcome.status) && WTERMSIG(outcome.status) == SIGKILL && reports(&outcome, " pending\n"),
	   "a child is killed in mid-connect");
}

static void
make_many(int out)
{
	int failed = 0;

	for (int i = 0; i < 10000; i++)
	{
		int descriptor = i % 2 ? non_blocking() : blocking();

		failed += descriptor < 0;
		close(descriptor);
	}
	say(out, "%d failed\n", failed);
	say_dial(out, blocking(), listening);
}

static void
hold_many(int out)
{
	struct rlimit limit = {4096, 4096};
	int first = blocking();
	int count = 1;

	setrlimit(RLIMIT_NOFILE, &limit);
	while (blocking() >= 0)
		count++;
	say(out, "%d, then %s; ", count > 3900, name(-1));
	say_dial(out, first, listening);
}

static void
dial_many(int out)
{
	int failed = 0;

	for (int i = 0; i < 3000; i++)
	{
		int descriptor = non_blocking();

		failed += dial(descriptor, full) != 0 && errno != EINPROGRESS;
		close(descriptor);
	}
	say(out, "%d failed", failed);
}

static void
test_many(void)
{
	static Outcome outcome;

	supervise(make_many, &settings, true, &outcome);
	test_outcome("10,000 sockets, closed again, are soon forgotten",
				 strcmp(outcome.said, "0 failed\nconnect 0\n") == 0 && outcome.most_descriptors < 300,
				 &outcome);
	supervise(hold_many, &settings, true, &outcome);
	test_outcome("as many sockets as a child may hold can be dialed",
				 strcmp(outcome.said, "1, then EMFILE; connect 0\n") == 0, &outcome);
	supervise(dial_many, &settings, true, &outcome);
	test_outcome("3,000 connects that nobody waits for",
				 strcmp(outcome.said, "0 failed") == 0 && outcome.most_descriptors < 300 &&
					 count_reports(&outcome, " pending\n") == 1000 &&
					 count_reports(&outcome, "dials-omitted\n") == 1,
				 &outcome);
	empty(listening);
	reset();
}

static int foreign; /* a socket that no dialer made */

static void
dial_foreign(int out)
{
	int pair[2];
	int connected = blocking();

	say_dial(out, foreign, listening);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0)
		say_dial(out, pair[0], listening);
	say_dial(out, connected, listening);
	say(out, "disconnect %s\n", name(disconnect(connected)));
	say_dial(out, connected, listening);

	int peer = accept(listening, NULL, NULL);

	say_dial(out, peer, listening);
}

/* Memory that two threads see: an address that changes all the time. */
static struct sockaddr_in changing;
static volatile bool enough;
static int changing_descriptor;

static void *
change_address(void *unused)
{
	struct sockaddr_in good = address4(listening);
	struct sockaddr_in bad = good;

	bad.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 8);
	bad.sin_port = sink_port;
	while (!enough)
	{
		changing = bad;
		sched_yield();
		changing = good;
		sched_yield();
	}
	return unused;
}

static void *
change_descriptor(void *unused)
{
	int other = socket(AF_INET6, SOCK_STREAM, 0);
	int fresh = blocking();

	while (!enough)
	{
		dup2(other, changing_descriptor);
		dup2(fresh, changing_descriptor);
	}
	return unused;
}

static void
swap(int out)
{
	pthread_t threads[2];
	int connected = 0;
	int refused = 0;

	changing = address4(listening);
	changing_descriptor = dup(0);
	pthread_create(&threads[0], NULL, change_address, NULL);
	pthread_create(&threads[1], NULL, change_descriptor, NULL);
	for (int i = 0; i < 200000 && (i < 4000 || connected < 100 || refused < 100); i++)
	{
		int descriptor = i % 2 ? blocking() : changing_descriptor;

		if (connect(descriptor, (struct sockaddr *) &changing, sizeof(changing)) == 0)
			connected++;
		else
			refused += errno == EACCES;
		if (descriptor != changing_descriptor)
			close(descriptor);
		empty(listening);
	}
	enough = true;
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	say(out, "%d", connected >= 100 && refused >= 100);
}

static void
test_hostile(void)
{
	static Outcome outcome;

	foreign = socket(AF_INET, SOCK_STREAM, 0);
	supervise(dial_foreign, &settings, true, &outcome);
	test_outcome("connect() of a socket that the dialer did not make, or let go, is EISCONN",
				 strcmp(outcome.said, "connect EISCONN\nconnect EISCONN\nconnect 0\ndisconnect EISCONN\n"
									  "connect EISCONN\nconnect EISCONN\n") == 0,
				 &outcome);
	supervise(swap, &settings, true, &outcome);
	test_outcome("threads swap address and descriptor in mid-call", strcmp(outcome.said, "1") == 0, &outcome);
	ok(sinks_are_dry() && reports(&outcome, "denied:listed\n"), "and the sinks saw nothing");
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	alarm(300);
	if (!rg_network_parse("127.0.0.0/8", &allowed[0]) || !rg_network_parse("::1", &allowed[1]) ||
		!rg_network_parse("127.0.0.9", &denied[0]))
		return 1;
	open_servers();
	sinks[0] = sink("127.0.0.9");
	sinks[1] = sink("127.0.0.10");
	sinks[2] = sink("::1");
	test_equal();
	test_denied();
	test_local();
	test_reports();
	test_many();
	test_hostile();
	printf("1..%d\n", tests);
	return failures != 0;
}
