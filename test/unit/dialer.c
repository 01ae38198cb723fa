/* dialer.c — what the dialer refuses and reports, and what hostile children get out of it. Prints TAP. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "servers.h"

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
stay_connected(int out)
{
	int descriptor = non_blocking();

	say_dial(out, descriptor, listening);
	await(out, descriptor);
	usleep(500000);
}

static void
killed_in_mid_connect(int out)
{
	Dialing dialing;

	start_dialing(&dialing, blocking(), full);
	usleep(A_WHILE);
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
	supervise(stay_connected, &settings, true, &outcome);
	test_outcome("while nothing is under way, the supervisor sleeps",
				 reports(&outcome, " connected\n") && outcome.wakeups < 1000, &outcome);
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
	test_outcome("3,000 connects that are left alone",
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
	open_servers();
	sinks[0] = sink("127.0.0.9");
	sinks[1] = sink("127.0.0.10");
	sinks[2] = sink("::1");
	test_denied();
	test_local();
	test_reports();
	test_many();
	test_hostile();
	return finished();
}
