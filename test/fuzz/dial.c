/*
 * dial.c — a socket address that a connector passes to connect(), and the resolv.conf that names resolvers.
 * The first byte: 255 if a resolv.conf follows, or else the bytes of an address.
 *
 * Sources: src/process/vet.c src/process/address.c
 */
#include "process/vet.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void
check_resolvers(const char *text)
{
	RgNetwork resolvers[RG_MOST_RESOLVERS];
	int count = rg_resolvers_read(text, resolvers);

	fuzz_must(count >= 1 && count <= RG_MOST_RESOLVERS, "there are one to three resolvers");
	for (int i = 0; i < count; i++)
		fuzz_must(resolvers[i].prefix == (resolvers[i].family == AF_INET ? 32 : 128),
				  "a resolver is one address");
}

/* Behind a tunnel nothing but its port may be dialed; otherwise never this machine itself. */
static void
check_refusals(const RgDial *dial)
{
	RgDialRules by_networks = {0};
	RgDialRules behind_tunnel = {.local_port = 7777};
	struct in6_addr inet6;
	struct in_addr inet;
	bool is_local = strcmp(dial->address, "127.0.0.1") == 0 && dial->port == 7777;

	fuzz_must((rg_dial_refusal(&behind_tunnel, dial) == NULL) == is_local, "behind a tunnel only its port");
	if (inet_pton(AF_INET, dial->address, &inet) == 1)
		fuzz_must((ntohl(inet.s_addr) >> 24) != 127 || rg_dial_refusal(&by_networks, dial) != NULL,
				  "loopback is refused");
	else
	{
		fuzz_must(inet_pton(AF_INET6, dial->address, &inet6) == 1, "the text of an address is one");
		if (IN6_IS_ADDR_LOOPBACK(&inet6) || IN6_IS_ADDR_UNSPECIFIED(&inet6) ||
			IN6_IS_ADDR_LINKLOCAL(&inet6) || (IN6_IS_ADDR_V4MAPPED(&inet6) && inet6.s6_addr[12] == 127))
			fuzz_must(rg_dial_refusal(&by_networks, dial) != NULL, "this machine is refused in every form");
	}
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	RgDial dial;

	if (fuzz_byte(&rest) == 255)
		check_resolvers(fuzz_text(&rest));
	else if (rg_dial_read(rest.bytes, rest.length, &dial))
		check_refusals(&dial);
}
