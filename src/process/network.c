/*
 * network.c — which addresses a connector may be told to dial.
 *
 * Rules are networks in CIDR notation, allowed or denied. The rule with the longest prefix decides; where two
 * are equally long, denied wins; where none matches, the address is allowed. Addresses that carry an IPv4
 * address inside (v4-mapped, NAT64, 6to4) are judged as that address.
 */
#include "network.h"

#include <arpa/inet.h>

#include "compat.h"
#include "process.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

typedef struct Network
{
	int family;
	int prefix;
	unsigned char bytes[16];
} Network;

typedef struct NetworkList
{
	int count;
	Network networks[FLEXIBLE_ARRAY_MEMBER];
} NetworkList;

/* Loopback, link-local, multicast, unspecified, and the clouds' metadata services. */
static const char *const always_denied[] = {
	"0.0.0.0/8",   "127.0.0.0/8",      "169.254.0.0/16", "192.0.0.0/24", "100.100.100.200/32",
	"224.0.0.0/4", "240.0.0.0/4",      "::/128",         "::1/128",      "fe80::/10",
	"ff00::/8",    "fd00:ec2::254/128"};

static char *allowed_networks = NULL;
static char *denied_networks = NULL;
static NetworkList *allowed = NULL;
static NetworkList *denied = NULL;

static bool
parse_network(const char *text, Network *network)
{
	char address[INET6_ADDRSTRLEN + 1];
	const char *slash = strchr(text, '/');
	size_t length = slash ? (size_t) (slash - text) : strlen(text);

	if (length >= sizeof(address))
		return false;
	memcpy(address, text, length);
	address[length] = '\0';
	network->family = strchr(address, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(network->family, address, network->bytes) != 1)
		return false;

	int most = network->family == AF_INET ? 32 : 128;
	char *end = NULL;

	network->prefix = slash ? (int) strtol(slash + 1, &end, 10) : most;
	return (!slash || (end != slash + 1 && *end == '\0')) && network->prefix >= 0 && network->prefix <= most;
}

static bool
check_networks(char **value, void **extra, GucSource source)
{
	char *copy = pstrdup(*value);
	List *elements;

	if (!SplitIdentifierString(copy, ',', &elements))
	{
		GUC_check_errdetail("It is not a comma-separated list.");
		return false;
	}

	NetworkList *list =
		rg_guc_malloc(offsetof(NetworkList, networks) + list_length(elements) * sizeof(Network));
	ListCell *cell;

	if (list == NULL)
		return false;
	list->count = 0;
	foreach (cell, elements)
	{
		if (!parse_network(lfirst(cell), &list->networks[list->count++]))
		{
			GUC_check_errdetail("\"%s\" is not a network such as 10.0.0.0/8 or fd00::/8.",
								(char *) lfirst(cell));
			rg_guc_free(list);
			return false;
		}
	}
	*extra = list;
	return true;
}

static void
assign_allowed(const char *value, void *extra)
{
	allowed = extra;
}

static void
assign_denied(const char *value, void *extra)
{
	denied = extra;
}

void
rg_network_init(void)
{
	DefineCustomStringVariable(
		"rivergen.allowed_networks", "Networks that may be dialed although they are denied otherwise.",
		"A comma-separated list in CIDR notation. Loopback, link-local, multicast and cloud metadata "
		"addresses "
		"are denied unless listed here; the longest matching prefix decides.",
		&allowed_networks, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_networks, assign_allowed, NULL);
	DefineCustomStringVariable(
		"rivergen.denied_networks", "Networks that may not be dialed.",
		"A comma-separated list in CIDR notation; the longest matching prefix decides.", &denied_networks, "",
		PGC_SIGHUP, GUC_SUPERUSER_ONLY, check_networks, assign_denied, NULL);
}

static bool
has_prefix(const unsigned char *bytes, const void *prefix, size_t length)
{
	return memcmp(bytes, prefix, length) == 0;
}

static void
unwrap_ipv4(Network *address)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const unsigned char compatible[12] = {0};
	static const unsigned char nat64[12] = {0x00, 0x64, 0xff, 0x9b};
	static const unsigned char six_to_four[2] = {0x20, 0x02};
	const unsigned char *inner = NULL;

	if (address->family != AF_INET6)
		return;
	if (has_prefix(address->bytes, mapped, 12) || has_prefix(address->bytes, nat64, 12))
		inner = address->bytes + 12;
	else if (has_prefix(address->bytes, compatible, 12) && (address->bytes[12] | address->bytes[13]) != 0)
		inner = address->bytes + 12;
	else if (has_prefix(address->bytes, six_to_four, 2))
		inner = address->bytes + 2;
	if (inner == NULL)
		return;
	memmove(address->bytes, inner, 4);
	address->family = AF_INET;
}

static bool
contains(const Network *network, const Network *address)
{
	int whole = network->prefix / 8;
	int rest = network->prefix % 8;

	if (network->family != address->family || memcmp(network->bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 || ((network->bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

static int
longest_match(const NetworkList *list, const Network *address)
{
	int longest = -1;

	for (int i = 0; list != NULL && i < list->count; i++)
	{
		if (contains(&list->networks[i], address))
			longest = Max(longest, list->networks[i].prefix);
	}
	return longest;
}

static int
longest_always_denied(const Network *address)
{
	int longest = -1;

	for (int i = 0; i < (int) lengthof(always_denied); i++)
	{
		Network network;

		if (parse_network(always_denied[i], &network) && contains(&network, address))
			longest = Max(longest, network.prefix);
	}
	return longest;
}

bool
rg_address_allowed(const char *text, const char **reason)
{
	Network address;
	char bare[INET6_ADDRSTRLEN + 1];

	/* A zone (fe80::1%eth0) does not change what the address is. */
	strlcpy(bare, text, sizeof(bare));
	bare[strcspn(bare, "%")] = '\0';
	if (strchr(bare, '/') != NULL || !parse_network(bare, &address))
	{
		*reason = "it is not an address";
		return false;
	}
	unwrap_ipv4(&address);

	int allow = longest_match(allowed, &address);
	int deny = longest_match(denied, &address);
	int always = longest_always_denied(&address);

	if (deny >= 0 && deny >= allow && deny >= always)
		*reason = "rivergen.denied_networks lists it";
	else if (always >= 0 && always > allow)
		*reason = "it is a loopback, link-local, multicast or metadata address";
	else
		return true;
	return false;
}
