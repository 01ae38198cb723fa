/*
 * host_list.c — the hosts that a proxy may be asked for, alone. Prints TAP.
 */
#include <string.h>

#include "tap.h"
#include "wire/host_list.h"

static const struct
{
	const char *list;
	const char *host;
	int port;
	bool expected;
} cases[] = {
	{"", "example.com", 443, false},
	{" , ,", "", 443, false},
	{"example.com", "example.com", 443, true},
	{"example.com", "EXAMPLE.com.", 443, true},
	{"Example.COM", "example.com", 443, true},
	{"example.com", "example.com", 80, false},
	{"example.com", "a.example.com", 443, false},
	{"example.com", "example.com.evil.org", 443, false},
	{"example.com", "xexample.com", 443, false},
	{"example.com", "example.co", 443, false},
	{"a.org, example.com:9200", "example.com", 9200, true},
	{"a.org,example.com:9200", "example.com", 443, false},
	{"a.org b.org\tc.org", "c.org", 443, true},
	{"*.example.com", "a.example.com", 443, true},
	{"*.example.com", "a.b.EXAMPLE.com", 443, true},
	{"*.example.com", "example.com", 443, false},
	{"*.example.com", ".example.com", 443, false},
	{"*.example.com", "badexample.com", 443, false},
	{"*.example.com:*", "a.example.com", 443, false},
	{"*", "anything", 443, true},
	{"*", "anything", 80, false},
	{"*:80", "anything", 80, true},
	{"10.0.0.1", "10.0.0.1", 443, true},
	{"[fd00::1]", "fd00::1", 443, true},
	{"[FD00::1]:9200", "fd00::1", 9200, true},
	{"fd00::1", "fd00", 443, false},
	{"a*.com, **, *com", "ab.com", 443, false},
};

static const struct
{
	const char *list;
	const char *fault;
} faults[] = {
	{"", NULL},
	{"a.org, *.b.org:1,*,[::1]:65535", NULL},
	{"a.org,https://b.org", "https://b.org"},
	{"a.org:0", "a.org:0"},
	{"a.org:65536", "a.org:65536"},
	{"a.org:", "a.org:"},
	{"a.org:x", "a.org:x"},
	{":443", ":443"},
	{"*.", "*."},
	{"*a.org", "*a.org"},
	{"a.*.org", "a.*.org"},
	{"**", "**"},
	{"[::1", "[::1"},
	{"[]", "[]"},
	{"[a.org]", "[a.org]"},
	{"a.org/path", "a.org/path"},
	{"gr\xc3\xb6\xc3\x9f"
	 "e.org",
	 "gr\xc3\xb6\xc3\x9f"
	 "e.org"},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(wire_host_is_listed(cases[i].list, cases[i].host, cases[i].port) == cases[i].expected, "%s: %s:%d",
		   cases[i].list, cases[i].host, cases[i].port);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
	{
		size_t length = 0;
		const char *fault = wire_host_list_fault(faults[i].list, &length);

		ok(faults[i].fault == NULL ? fault == NULL
								   : fault != NULL && length == strlen(faults[i].fault) &&
										 memcmp(fault, faults[i].fault, length) == 0,
		   "fault of %s", faults[i].list);
	}
	return finished();
}
