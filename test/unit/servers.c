#include "servers.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int tests;
static int failures;

void
ok(bool fine, const char *what)
{
	printf("%sok %d - %s\n", fine ? "" : "not ", ++tests, what);
	failures += !fine;
}

int
finished(void)
{
	printf("1..%d\n", tests);
	return failures != 0;
}

static RgNetwork allowed[2];
static RgNetwork denied[1];
RgDialerSettings settings = {.allowed = {2, allowed}, .denied = {1, denied}, .timeout = 20};

int listening;
int listening6;
int refusing;
int full;
static int filler; /* what fills it */

struct sockaddr_in
address4(int server)
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);

	getsockname(server, (struct sockaddr *) &address, &length);
	return address;
}

struct sockaddr_in6
address6(int server)
{
	struct sockaddr_in6 address;
	socklen_t length = sizeof(address);

	getsockname(server, (struct sockaddr *) &address, &length);
	return address;
}

struct sockaddr_in6
mapped(int server)
{
	struct sockaddr_in inner = address4(server);
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = inner.sin_port};

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.sin6_addr);
	return address;
}

int
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

void
open_servers(void)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

	signal(SIGPIPE, SIG_IGN);
	alarm(300);
	if (!rg_network_parse("127.0.0.0/8", &allowed[0]) || !rg_network_parse("::1", &allowed[1]) ||
		!rg_network_parse("127.0.0.9", &denied[0]))
		errx(1, "networks");
	listening = bound(512);
	refusing = bound(-1);
	full = bound(0);
	fill();
	listening6 = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listening6, (struct sockaddr *) &address, sizeof(address)) != 0 || listen(listening6, 128) != 0)
		err(1, "a server on ::1");
}

void
empty(int server)
{
	struct pollfd polled = {server, POLLIN, 0};

	while (poll(&polled, 1, 0) == 1)
		close(accept(server, NULL, NULL));
}

const char *
name(int result)
{
	return result == 0 ? "0" : strerrorname_np(errno) ? strerrorname_np(errno) : "?";
}

int
dial(int descriptor, int server)
{
	struct sockaddr_in address = address4(server);

	return connect(descriptor, (struct sockaddr *) &address, sizeof(address));
}

void
say_dial(int out, int descriptor, int server)
{
	say(out, "connect %s\n", name(dial(descriptor, server)));
}

void
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

void
await(int out, int descriptor)
{
	struct pollfd polled = {descriptor, POLLOUT, 0};
	int count = poll(&polled, 1, 5000);

	say(out, "poll %d, %x\n", count, (unsigned) polled.revents);
}

int
blocking(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

int
non_blocking(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
}

static void *
dial_in_thread(void *argument)
{
	Dialing *dialing = argument;

	dialing->error = dial(dialing->descriptor, dialing->server) == 0 ? 0 : errno;
	dialing->has_ended = true;
	return NULL;
}

void
start_dialing(Dialing *dialing, int descriptor, int server)
{
	dialing->descriptor = descriptor;
	dialing->server = server;
	dialing->has_ended = false;
	pthread_create(&dialing->thread, NULL, dial_in_thread, dialing);
}

void
say_dialed(int out, Dialing *dialing)
{
	pthread_join(dialing->thread, NULL);
	errno = dialing->error;
	say(out, "thread: connect %s\n", name(dialing->error));
}

int
disconnect(int descriptor)
{
	struct sockaddr nothing = {.sa_family = AF_UNSPEC};

	return connect(descriptor, &nothing, sizeof(nothing));
}

void
reset(void)
{
	empty(listening);
	empty(listening6);
	close(filler);
	close(full);
	full = bound(0);
	fill();
}
