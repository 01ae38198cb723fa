/*
 * address.c — which addresses may be dialed.
 *
 * The rule with the longest prefix decides; where two are equally long, denied wins; where none matches, the
 * address is allowed. An IPv6 address that carries an IPv4 address inside reaches what the carried address
 * names, or is only another spelling of it. So it is judged by what it carries, and refused when any reading
 * of it is refused.
 */
#include "process/address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#define LENGTHOF(array) ((int) (sizeof(array) / sizeof((array)[0])))
#define MAX_CARRIED     5

/* Loopback, link-local, site-local, multicast, unspecified, and the clouds' metadata services. */
static const char *const always_denied[] = {
	"0.0.0.0/8",          "127.0.0.0/8",      "169.254.0.0/16",
	"192.0.0.0/24", /* protocol assignments; a metadata service of Oracle's cloud is in it */
	"100.100.100.200/32", "168.63.129.16/32", "224.0.0.0/4",
	"240.0.0.0/4",        "::/128",           "::1/128",
	"fe80::/10",          "fec0::/10",        "ff00::/8",
	"fd00:ec2::254/128",  "fd20:ce::254/128", "fd00:42::42/128",
};

static const RgRefusal malformed = {"malformed", "it is not an address"};
static const RgRefusal listed = {"listed", "rivergen.denied_networks lists it"};
static const RgRefusal reserved = {"reserved", "it is a loopback, link-local, multicast or metadata address"};
static const RgRefusal own = {"own", "it is an address of this machine"};

/* Where IPv6 addresses carry IPv4 ones: the network, and the places of the four bytes. */
typedef struct Carrier
{
	const char *network;
	int places[4];
	unsigned char flip;    /* Teredo stores the client's address inverted */
	bool is_only_spelling; /* the IPv6 address itself is never on a wire */
	bool is_guess;         /* one of several readings: 0.0.0.0/8, zeros of another reading, says nothing */
} Carrier;

static const Carrier carriers[] = {
	{"::ffff:0:0/96", {12, 13, 14, 15}, 0, true, false},    /* mapped */
	{"::ffff:0:0:0/96", {12, 13, 14, 15}, 0, false, false}, /* translated */
	{"64:ff9b::/96", {12, 13, 14, 15}, 0, false, false},    /* NAT64 */
	/* NAT64 of a site's own: how long its prefix is only the site knows. */
	{"64:ff9b:1::/48", {6, 7, 9, 10}, 0, false, true},
	{"64:ff9b:1::/48", {7, 9, 10, 11}, 0, false, true},
	{"64:ff9b:1::/48", {9, 10, 11, 12}, 0, false, true},
	{"64:ff9b:1::/48", {12, 13, 14, 15}, 0, false, true},
	{"2002::/16", {2, 3, 4, 5}, 0, false, false},        /* 6to4 */
	{"2001::/32", {4, 5, 6, 7}, 0, false, false},        /* Teredo: its server */
	{"2001::/32", {12, 13, 14, 15}, 0xff, false, false}, /* and its client */
};

bool
rg_network_parse(const char *text, RgNetwork *network)
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
contains(const RgNetwork *network, const RgNetwork *address)
{
	int whole = network->prefix / 8;
	int rest = network->prefix % 8;

	if (network->family != address->family || memcmp(network->bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 || ((network->bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

static bool
is_in(const RgNetwork *address, const char *text)
{
	RgNetwork network;

	return rg_network_parse(text, &network) && contains(&network, address);
}

/* The longest prefix of the networks that contain the address, or -1. */
static int
longest_match(const RgNetworks *networks, const RgNetwork *address)
{
	int longest = -1;

	for (int i = 0; i < networks->count; i++)
	{
		if (contains(&networks->networks[i], address) && networks->networks[i].prefix > longest)
			longest = networks->networks[i].prefix;
	}
	return longest;
}

static int
longest_always_denied(const RgNetwork *address)
{
	int longest = -1;

	for (int i = 0; i < LENGTHOF(always_denied); i++)
	{
		RgNetwork network;

		if (rg_network_parse(always_denied[i], &network) && contains(&network, address) &&
			network.prefix > longest)
			longest = network.prefix;
	}
	return longest;
}

static const RgRefusal *
refusal_of_one(const RgNetworkRules *rules, const RgNetwork *address)
{
	int allow = longest_match(&rules->allowed, address);
	int deny = longest_match(&rules->denied, address);
	int always = longest_always_denied(address);

	if (deny >= 0 && deny >= allow && deny >= always)
		return &listed;
	if (always > allow)
		return &reserved;
	/* Listed by whatever prefix, own addresses are what the operator means. */
	if (allow < 0 && longest_match(&rules->own, address) >= 0)
		return &own;
	return NULL;
}

static RgNetwork
carried_by(const RgNetwork *address, const int places[4], unsigned char flip)
{
	RgNetwork inner = {.family = AF_INET, .prefix = 32};

	for (int i = 0; i < 4; i++)
		inner.bytes[i] = address->bytes[places[i]] ^ flip;
	return inner;
}

/* ISATAP: the interface's part is 0:5efe or 200:5efe and the IPv4 address, below any network. */
static bool
is_isatap(const RgNetwork *address)
{
	static const unsigned char mark[3] = {0x00, 0x5e, 0xfe};

	return (address->bytes[8] & ~0x02) == 0 && memcmp(address->bytes + 9, mark, sizeof(mark)) == 0;
}

/* ::a.b.c.d, the compatible form; :: and ::1 are none. */
static bool
is_compatible(const RgNetwork *address)
{
	static const unsigned char zeros[12] = {0};

	return memcmp(address->bytes, zeros, sizeof(zeros)) == 0 &&
		   (address->bytes[12] | address->bytes[13]) != 0;
}

/* The IPv4 addresses that an IPv6 address carries; their number. */
static int
carried(const RgNetwork *address, RgNetwork inner[MAX_CARRIED], bool *is_only_spelling)
{
	static const int last[4] = {12, 13, 14, 15};
	int count = 0;

	*is_only_spelling = false;
	if (address->family != AF_INET6)
		return 0;
	for (int i = 0; i < LENGTHOF(carriers); i++)
	{
		if (!is_in(address, carriers[i].network))
			continue;
		inner[count] = carried_by(address, carriers[i].places, carriers[i].flip);
		count += !carriers[i].is_guess || inner[count].bytes[0] != 0;
		*is_only_spelling |= carriers[i].is_only_spelling;
	}
	if (is_compatible(address) || is_isatap(address))
		inner[count++] = carried_by(address, last, 0);
	return count;
}

const RgRefusal *
rg_network_refusal(const RgNetworkRules *rules, const char *text)
{
	char bare[INET6_ADDRSTRLEN + 1];
	size_t length = strcspn(text, "%");
	RgNetwork address;
	RgNetwork inner[MAX_CARRIED];
	bool is_only_spelling;

	if (length >= sizeof(bare) || memchr(text, '/', length) != NULL)
		return &malformed;
	memcpy(bare, text, length);
	bare[length] = '\0';
	if (!rg_network_parse(bare, &address))
		return &malformed;

	int count = carried(&address, inner, &is_only_spelling);
	const RgRefusal *refusal = is_only_spelling ? NULL : refusal_of_one(rules, &address);

	for (int i = 0; i < count && refusal == NULL; i++)
		refusal = refusal_of_one(rules, &inner[i]);
	return refusal;
}
