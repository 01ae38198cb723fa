/* address.c — which spellings of which addresses may be dialed. Prints TAP. */
#include <stdio.h>
#include <string.h>

#include "process/address.h"

static int tests;
static int failures;

static void
ok(int fine, const char *what, const char *address)
{
	printf("%sok %d - %s: %s\n", fine ? "" : "not ", ++tests, address, what);
	failures += !fine;
}

static const RgNetworkRules no_rules = {{0, NULL}, {0, NULL}, {0, NULL}};

static void
test_spellings(void)
{
	static const char *const refused[] = {
		/* loopback */
		"127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "::1", "::", "::ffff:127.0.0.1",
		"::ffff:7f00:1", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::7f00:1",
		"2002:7f00:1::", "64:ff9b:1:7f00:0:100::", "64:ff9b:1:7f:0:1::", "64:ff9b:1::7f:0:100:0",
		"64:ff9b:1::127.0.0.1", "2001:0:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe",
		"fe80::5efe:127.0.0.1", "2001:db8::5efe:127.0.0.1", "2001:db8::200:5efe:7f00:1",
		/* link-local, site-local, multicast, reserved */
		"169.254.1.1", "fe80::1", "fe80::1%eth0", "fec0::1", "feff::1", "ff02::1", "224.0.0.1",
		"255.255.255.255", "192.0.0.192",
		/* metadata services */
		"169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
		"fd00:ec2::254", "fd20:ce::254", "fd00:42::42", "168.63.129.16", "::ffff:168.63.129.16",
		"100.100.100.200",
		/* no addresses */
		"", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "10.0.0.1/8", "[::1]", "::1 ",
		"1.2.3", "1.2.3.4.5", "12345:1::", "%lo",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001"};
	static const char *const taken[] = {"10.0.0.1",
										"192.168.1.1",
										"8.8.8.8",
										"fd12:3456::1",
										"2001:db8::1",
										"::ffff:10.0.0.1",
										"64:ff9b::8.8.8.8",
										"2002:808:808::1",
										"64:ff9b:1:808:8:808:808:808",
										"64:ff9b:1::8.8.8.8",
										"2001:db8::5efe:10.0.0.1"};

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		ok(rg_network_refusal(&no_rules, refused[i]) != NULL, "is refused", refused[i]);
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		ok(rg_network_refusal(&no_rules, taken[i]) == NULL, "may be dialed", taken[i]);
}

static void
test_rules(void)
{
	RgNetwork allowed[3];
	RgNetwork denied[2];
	RgNetwork own[2];
	RgNetworkRules rules = {{3, allowed}, {2, denied}, {2, own}};

	ok(rg_network_parse("127.0.0.0/8", &allowed[0]) && rg_network_parse("10.1.0.0/16", &allowed[1]) &&
		   rg_network_parse("192.168.7.7", &allowed[2]) && rg_network_parse("10.0.0.0/8", &denied[0]) &&
		   rg_network_parse("127.0.0.9", &denied[1]) && rg_network_parse("192.168.7.7", &own[0]) &&
		   rg_network_parse("2001:db8::7", &own[1]),
	   "are read", "rules");
	ok(rg_network_refusal(&rules, "127.0.0.1") == NULL, "an operator opens loopback", "127.0.0.1");
	ok(rg_network_refusal(&rules, "::ffff:127.0.0.1") == NULL, "in another spelling, too",
	   "::ffff:127.0.0.1");
	ok(rg_network_refusal(&rules, "127.0.0.9") != NULL, "the longer prefix denies", "127.0.0.9");
	ok(rg_network_refusal(&rules, "10.2.0.1") != NULL, "a denied network", "10.2.0.1");
	ok(rg_network_refusal(&rules, "64:ff9b::10.2.0.1") != NULL, "carried, it is denied", "64:ff9b::10.2.0.1");
	ok(rg_network_refusal(&rules, "10.1.0.1") == NULL, "the longer prefix allows", "10.1.0.1");
	ok(rg_network_refusal(&rules, "192.168.7.7") == NULL, "an own address that is listed", "192.168.7.7");
	rules.allowed.count = 2;
	ok(strstr(rg_network_refusal(&rules, "192.168.7.7")->text, "this machine") != NULL, "an own address",
	   "192.168.7.7");
	ok(rg_network_refusal(&rules, "::ffff:192.168.7.7") != NULL, "an own address, mapped",
	   "::ffff:192.168.7.7");
	ok(rg_network_refusal(&rules, "2001:db8::7") != NULL, "an own address", "2001:db8::7");
	ok(rg_network_refusal(&rules, "2001:db8::8") == NULL, "a neighbour's", "2001:db8::8");
}

int
main(void)
{
	test_spellings();
	test_rules();
	printf("1..%d\n", tests);
	return failures != 0;
}
