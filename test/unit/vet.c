/* vet.c — what the bytes of a socket address ask for, whether it may be dialed, and which resolvers there
 * are. Prints TAP. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "process/vet.h"

static int tests;
static int failures;

static void
ok(bool fine, const char *what)
{
	printf("%sok %d - %s\n", fine ? "" : "not ", ++tests, what);
	failures += !fine;
}

static void
test_lengths(void)
{
	unsigned char bytes[128] = {0};
	struct sockaddr_in four = {
		.sin_family = AF_INET, .sin_port = htons(5432), .sin_addr = {htonl(0x0a000001)}};
	struct sockaddr_in6 six = {
		.sin6_family = AF_INET6, .sin6_port = htons(5433), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	RgDial dial;
	bool fine = true;

	memcpy(bytes, &four, sizeof(four));
	for (size_t length = 0; length <= sizeof(bytes); length++)
		fine &= rg_dial_read(bytes, length, &dial) == (length >= 16);
	ok(fine && strcmp(dial.address, "10.0.0.1") == 0 && dial.port == 5432, "an IPv4 address of every length");
	memcpy(bytes, &six, sizeof(six));
	for (size_t length = 0; length <= sizeof(bytes); length++)
		fine &= rg_dial_read(bytes, length, &dial) == (length >= 24);
	ok(fine && strcmp(dial.address, "::1") == 0 && dial.port == 5433, "an IPv6 address of every length");
}

static void
test_families(void)
{
	unsigned char bytes[128] = {0};
	RgDial dial;
	bool fine = true;

	for (int family = 0; family < 65536; family++)
	{
		sa_family_t value = (sa_family_t) family;

		memcpy(bytes, &value, sizeof(value));
		fine &= rg_dial_read(bytes, sizeof(bytes), &dial) == (family == AF_INET || family == AF_INET6);
	}
	ok(fine, "no other family names an address");
}

static int
count_resolvers(const char *text, const char *first)
{
	RgNetwork found[RG_MOST_RESOLVERS];
	RgNetwork expected;
	int count = rg_resolvers_read(text, found);

	return rg_network_parse(first, &expected) && found[0].family == expected.family &&
				   memcmp(found[0].bytes, expected.bytes, (size_t) expected.prefix / 8) == 0
			   ? count
			   : -1;
}

static void
test_resolvers(void)
{
	ok(count_resolvers("", "127.0.0.1") == 1, "without a resolver, this machine");
	ok(count_resolvers("search a b\nnameserver 10.0.0.2\n", "10.0.0.2") == 1, "one");
	ok(count_resolvers("nameserver\t10.0.0.2 \r\nnameserver fd00::2", "10.0.0.2") == 2,
	   "two, without an end");
	ok(count_resolvers("nameserver fe80::1%eth0\n", "fe80::1") == 1, "one with a zone");
	ok(count_resolvers(
		   "# nameserver 10.0.0.1\n;nameserver 10.0.0.1\n nameserver 10.0.0.1\nnameserver10.0.0.1\n"
		   "nameserver 10.0.0.1.example\nnameserver 10.0.0.0/8\nnameserver 10.0.0.3\n",
		   "10.0.0.0") == 2,
	   "lines that are none");
	ok(count_resolvers("nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4\n",
					   "10.0.0.1") == 3,
	   "no more than three, as glibc has it");
}

static bool
refuses(const RgDialRules *rules, const char *address, uint16_t port, const char *word)
{
	RgDial dial = {.port = port};
	const char *refusal;

	snprintf(dial.address, sizeof(dial.address), "%s", address);
	refusal = rg_dial_refusal(rules, &dial);
	return word == NULL ? refusal == NULL : refusal != NULL && strcmp(refusal, word) == 0;
}

static void
test_rules(void)
{
	RgNetwork resolver;
	RgNetwork denied;
	RgNetwork own;
	RgDialRules rules = {.networks = {.denied = {1, &denied}, .own = {1, &own}}, .resolvers = {1, &resolver}};

	ok(rg_network_parse("127.0.0.53", &resolver) && rg_network_parse("10.0.0.0/8", &denied) &&
		   rg_network_parse("192.0.2.7", &own),
	   "rules");
	ok(refuses(&rules, "127.0.0.53", 53, NULL), "the resolver may be asked");
	ok(refuses(&rules, "127.0.0.53", 54, "reserved"), "at its port only");
	ok(refuses(&rules, "::ffff:127.0.0.53", 53, "reserved"), "in its own spelling");
	ok(refuses(&rules, "127.0.0.54", 53, "reserved"), "and no neighbour");
	ok(refuses(&rules, "10.1.1.1", 443, "listed"), "a denied network");
	ok(refuses(&rules, "192.0.2.7", 443, "own"), "this machine");
	ok(refuses(&rules, "192.0.2.8", 443, NULL), "any other");
	rules.local_port = 2222;
	ok(refuses(&rules, "127.0.0.1", 2222, NULL), "the tunnel's port");
	ok(refuses(&rules, "127.0.0.1", 2223, "tunnel") && refuses(&rules, "127.0.0.2", 2222, "tunnel") &&
		   refuses(&rules, "::1", 2222, "tunnel") && refuses(&rules, "127.0.0.53", 53, "tunnel") &&
		   refuses(&rules, "192.0.2.8", 443, "tunnel"),
	   "nothing else beside a tunnel");
}

static void
test_proxy(void)
{
	RgNetwork resolver;
	RgNetwork proxies[2];
	RgDialRules rules = {
		.proxy_port = 3128, .networks = {.allowed = {2, proxies}}, .resolvers = {1, &resolver}};

	ok(rg_network_parse("127.0.0.53", &resolver) && rg_network_parse("10.0.0.7", &proxies[0]) &&
		   rg_network_parse("fd00::7", &proxies[1]),
	   "rules for a proxy");
	ok(refuses(&rules, "10.0.0.7", 3128, NULL) && refuses(&rules, "fd00::7", 3128, NULL), "its addresses");
	ok(refuses(&rules, "10.0.0.7", 443, "proxy") && refuses(&rules, "10.0.0.8", 3128, "proxy") &&
		   refuses(&rules, "127.0.0.53", 53, "proxy") && refuses(&rules, "::ffff:10.0.0.7", 3128, "proxy") &&
		   refuses(&rules, "192.0.2.8", 443, "proxy"),
	   "nothing else beside a proxy");
}

int
main(void)
{
	test_lengths();
	test_families();
	test_resolvers();
	test_rules();
	test_proxy();
	printf("1..%d\n", tests);
	return failures != 0;
}
