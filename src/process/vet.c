/*
 * vet.c — what a connector asks to dial, and whether it may.
 */
#include "process/vet.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

/* The kernel takes an IPv6 address without a zone, as RFC 2133 had it. */
#define LEAST_INET6 offsetof(struct sockaddr_in6, sin6_scope_id)

bool
rg_dial_read(const void *bytes, size_t length, RgDial *dial)
{
	sa_family_t family = AF_UNSPEC;
	struct sockaddr_in inet;
	struct sockaddr_in6 inet6 = {0};

	if (length >= sizeof(family))
		memcpy(&family, bytes, sizeof(family));
	if (family == AF_INET && length >= sizeof(inet))
	{
		memcpy(&inet, bytes, sizeof(inet));
		dial->port = ntohs(inet.sin_port);
		return inet_ntop(family, &inet.sin_addr, dial->address, sizeof(dial->address)) != NULL;
	}
	if (family == AF_INET6 && length >= LEAST_INET6)
	{
		memcpy(&inet6, bytes, LEAST_INET6);
		dial->port = ntohs(inet6.sin6_port);
		return inet_ntop(family, &inet6.sin6_addr, dial->address, sizeof(dial->address)) != NULL;
	}
	return false;
}

/* Is it one of these addresses, which are whole? */
static bool
is_among(const RgNetworks *addresses, const RgDial *dial)
{
	RgNetwork address;

	if (!rg_network_parse(dial->address, &address))
		return false;
	for (int i = 0; i < addresses->count; i++)
	{
		const RgNetwork *each = &addresses->networks[i];

		if (each->family == address.family &&
			memcmp(each->bytes, address.bytes, (size_t) address.prefix / 8) == 0)
			return true;
	}
	return false;
}

bool
rg_dial_is_resolver(const RgDialRules *rules, const RgDial *dial)
{
	return dial->port == RG_RESOLVER_PORT && is_among(&rules->resolvers, dial);
}

const char *
rg_dial_refusal(const RgDialRules *rules, const RgDial *dial)
{
	const RgRefusal *refusal;

	if (rules->local_port != 0)
		return dial->port == rules->local_port && strcmp(dial->address, "127.0.0.1") == 0 ? NULL : "tunnel";
	if (rules->proxy_port != 0)
		return dial->port == rules->proxy_port && is_among(&rules->networks.allowed, dial) ? NULL : "proxy";
	if (rg_dial_is_resolver(rules, dial))
		return NULL;
	refusal = rg_network_refusal(&rules->networks, dial->address);
	return refusal ? refusal->word : NULL;
}

/* The address of a line such as "nameserver 10.0.0.2". A zone does not change what the address is. */
static bool
read_nameserver(const char *line, RgNetwork *resolver)
{
	static const char keyword[] = "nameserver";
	char address[RG_LONGEST_ADDRESS];
	size_t length;

	if (strncmp(line, keyword, sizeof(keyword) - 1) != 0)
		return false;
	line += sizeof(keyword) - 1;
	if (*line != ' ' && *line != '\t')
		return false;
	line += strspn(line, " \t");
	length = strcspn(line, " \t\r\n%/;#");
	if (length >= sizeof(address))
		return false;
	memcpy(address, line, length);
	address[length] = '\0';
	return rg_network_parse(address, resolver);
}

int
rg_resolvers_read(const char *text, RgNetwork resolvers[RG_MOST_RESOLVERS])
{
	int count = 0;

	while (*text != '\0' && count < RG_MOST_RESOLVERS)
	{
		count += read_nameserver(text, &resolvers[count]);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (count == 0)
		count = rg_network_parse("127.0.0.1", &resolvers[0]);
	return count;
}
