/* address.h — networks and addresses: which may be dialed. Plain C, no server code. */
#ifndef RG_ADDRESS_H
#define RG_ADDRESS_H

#include <stdbool.h>

/* An address is a network with the longest prefix. */
typedef struct RgNetwork
{
	int family; /* AF_INET or AF_INET6 */
	int prefix;
	unsigned char bytes[16];
} RgNetwork;

typedef struct RgNetworks
{
	int count;
	const RgNetwork *networks;
} RgNetworks;

typedef struct RgNetworkRules
{
	RgNetworks allowed; /* the operator's */
	RgNetworks denied;
	RgNetworks own; /* this machine's own addresses */
} RgNetworkRules;

/* Reads CIDR notation or a bare address. Returns whether it is one. */
extern bool rg_network_parse(const char *text, RgNetwork *network);

/* Why an address may not be dialed: a word for reports, and the end of a sentence about "it". */
typedef struct RgRefusal
{
	const char *word;
	const char *text;
} RgRefusal;

/*
 * May this address be dialed? text is numeric; a zone (fe80::1%eth0) does not change what the address is.
 * Returns NULL, or the reason why not.
 */
extern const RgRefusal *rg_network_refusal(const RgNetworkRules *rules, const char *text);

#endif
