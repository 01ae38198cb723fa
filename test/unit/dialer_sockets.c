/*
 * dialer_sockets.c — sockets, addresses and descriptors of every kind are accepted and refused with the
 * dialer as without it. Prints TAP.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "same.h"

#define SOCKETS_AMID_SIGNALS 10000
#define SIGNALS              10000000

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
on_signal(int number)
{
	(void) number;
}

/* A process that interrupts over and over the one that makes the sockets of this one. */
static pid_t
start_interrupting(void)
{
	pid_t maker = getppid();
	pid_t interrupting = fork();

	if (interrupting == 0)
	{
		for (int i = 0; i < SIGNALS && kill(maker, SIGUSR1) == 0; i++)
			;
		_exit(0);
	}
	return interrupting;
}

/* Where that one is interrupted, no other descriptor comes in a socket's place. */
static void
case_signals(int out)
{
	pid_t interrupting = start_interrupting();
	int made = 0;

	for (int i = 0; i < SOCKETS_AMID_SIGNALS; i++)
	{
		int type = 0;
		socklen_t length = sizeof(type);
		int descriptor = blocking();

		made += getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
		if (descriptor > STDERR_FILENO)
			close(descriptor);
	}
	kill(interrupting, SIGKILL);
	waitpid(interrupting, NULL, 0);
	say(out, "%d are made\n", made);
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

static const Case equal[] = {
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
	{"sockets amid signals", case_signals},
	{"a source address", case_bound},
};

int
main(void)
{
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	sigaction(SIGUSR1, &action, NULL);
	open_servers();
	check_same(equal, sizeof(equal) / sizeof(*equal));
	return finished();
}
