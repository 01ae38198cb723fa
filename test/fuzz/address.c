/*
 * address.c — networks of the operator's settings, and the addresses that are judged by them. The lines of
 * the input: a network that is allowed, one that is denied, an address of the machine's own; then the
 * address.
 *
 * Sources: src/process/address.c
 */
#include "process/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

static RgNetworks
networks_of(const char *text, RgNetwork *network)
{
	bool is_one = rg_network_parse(text, network);

	return (RgNetworks){is_one ? 1 : 0, network};
}

/* Every IPv6 form of a refused IPv4 address is refused, unless a rule of the operator's names IPv6. */
static void
check_forms(const RgNetworkRules *rules, const char *text)
{
	static const char *const forms[] = {"::ffff:%s", "::ffff:0:%s", "64:ff9b::%s", "64:ff9b:1::%s",
										"fd12:3456::5efe:%s"};
	struct in_addr address;
	char form[100];

	if (inet_pton(AF_INET, text, &address) != 1 || rg_network_refusal(rules, text) == NULL)
		return;
	for (int i = 0; i < (int) (sizeof(forms) / sizeof(forms[0])); i++)
	{
		/* One of several readings: zeros say nothing. */
		if (i == 3 && (address.s_addr & 0xff) == 0)
			continue;
		snprintf(form, sizeof(form), forms[i], text);
		fuzz_must(rg_network_refusal(rules, form) != NULL, "every form of a refused address is refused");
	}
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	RgNetwork allowed;
	RgNetwork denied;
	RgNetwork own;
	RgNetworkRules rules = {.allowed = networks_of(fuzz_line(&rest), &allowed),
							.denied = networks_of(fuzz_line(&rest), &denied),
							.own = networks_of(fuzz_line(&rest), &own)};
	char *text = fuzz_text(&rest);
	unsigned char binary[16];

	if (inet_pton(AF_INET, text, binary) != 1 && inet_pton(AF_INET6, text, binary) != 1)
		fuzz_must(strchr(text, '%') != NULL || rg_network_refusal(&rules, text) != NULL,
				  "what is no address is refused");
	(void) rg_network_refusal(&rules, text);
	check_forms(&rules, text);
}
