/* Tries to connect to the address and port of its argument by every way but connect(), and by sockets that
 * were not made for it. Says what succeeded. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_in target;
static int successes;

static void
tried(const char *what, long result)
{
	if (result >= 0)
		successes++;
	printf("%s: %s\n", what, result >= 0 ? "SUCCEEDED" : strerrorname_np(errno));
}

static int
tcp(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

static struct msghdr
message(void *data)
{
	static struct iovec vector;

	vector = (struct iovec){data, 1};
	return (struct msghdr){
		.msg_name = &target, .msg_namelen = sizeof(target), .msg_iov = &vector, .msg_iovlen = 1};
}

static void
try_sending(void)
{
	struct mmsghdr many[1] = {{.msg_hdr = message("x")}};
	struct msghdr one = message("x");
	int datagram = socket(AF_INET, SOCK_DGRAM, 0);

	tried("sendto with MSG_FASTOPEN",
		  sendto(tcp(), "x", 1, MSG_FASTOPEN, (struct sockaddr *) &target, sizeof(target)));
	tried("sendto", sendto(tcp(), "x", 1, MSG_NOSIGNAL, (struct sockaddr *) &target, sizeof(target)));
	tried("sendmsg with MSG_FASTOPEN", sendmsg(tcp(), &one, MSG_FASTOPEN));
	tried("sendmsg", sendmsg(tcp(), &one, MSG_NOSIGNAL));
	tried("sendmmsg with MSG_FASTOPEN", sendmmsg(tcp(), many, 1, MSG_FASTOPEN));
	tried("sendto of a datagram",
		  sendto(datagram, "x", 1, MSG_NOSIGNAL, (struct sockaddr *) &target, sizeof(target)));
	tried("sendmsg of a datagram", sendmsg(datagram, &one, MSG_NOSIGNAL));
	tried("connect of a datagram", connect(datagram, (struct sockaddr *) &target, sizeof(target)));
	tried("connect", connect(tcp(), (struct sockaddr *) &target, sizeof(target)));
}

/* With source routes, a packet goes elsewhere than its address says. */
static void
try_routing(void)
{
	unsigned char route[12] = {IPOPT_NOP, IPOPT_LSRR, 11, 4, 127, 0, 0, 1, 127, 0, 0, 1};
	unsigned char header[24] = {0, 2, 4, 0, 1};
	int six = socket(AF_INET6, SOCK_STREAM, 0);

	tried("IP_OPTIONS", setsockopt(tcp(), IPPROTO_IP, IP_OPTIONS, route, sizeof(route)));
	tried("IPV6_RTHDR", setsockopt(six, IPPROTO_IPV6, IPV6_RTHDR, header, sizeof(header)));
	tried("IPV6_2292PKTOPTIONS", setsockopt(six, IPPROTO_IPV6, IPV6_2292PKTOPTIONS, header, sizeof(header)));
}

static void
try_others(void)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/tmp/rivergen"};
	struct sockaddr_in any = {.sin_family = AF_INET};
	int listening = tcp();

	tried("a Unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
	tried("a netlink socket", socket(AF_NETLINK, SOCK_RAW, 0));
	tried("a raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	tried("a path for a TCP socket", connect(tcp(), (struct sockaddr *) &local, sizeof(local)));
	tried("listen", listen(listening, 1));
	any.sin_port = htons(48211);
	tried("bind to a port", bind(tcp(), (struct sockaddr *) &any, sizeof(any)));
	tried("io_uring", syscall(425, 1, NULL));
}

int
main(int argc, char **argv)
{
	char address[64];
	unsigned port;

	if (sscanf(argv[argc - 1], "%63s %u", address, &port) != 2)
		return 64;
	target.sin_family = AF_INET;
	target.sin_port = htons((unsigned short) port);
	inet_pton(AF_INET, address, &target.sin_addr);
	try_sending();
	try_routing();
	try_others();
	printf("%d successes\n", successes);
	return 0;
}
