/* vet.h — what a connector asks to dial, and whether it may. Takes bytes of the connector. Plain C. */
#ifndef RG_VET_H
#define RG_VET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "process/address.h"

/* glibc asks no more than three. */
#define RG_MOST_RESOLVERS 3
#define RG_RESOLVER_PORT  53

typedef struct RgDialRules
{
	uint16_t local_port; /* of a tunnel: only 127.0.0.1 at this port may be dialed; 0: by the networks */
	uint16_t proxy_port; /* of a proxy: only networks.allowed at this port may be dialed; 0: there is none */
	RgNetworkRules networks;
	RgNetworks resolvers; /* may be dialed at RG_RESOLVER_PORT, whatever the networks say */
} RgDialRules;

#define RG_LONGEST_ADDRESS 46 /* INET6_ADDRSTRLEN */

typedef struct RgDial
{
	char address[RG_LONGEST_ADDRESS];
	uint16_t port;
} RgDial;

/*
 * Reads a socket address as the kernel would. Returns false when the bytes name no IPv4 or IPv6 address:
 * connect() with them connects nothing.
 */
extern bool rg_dial_read(const void *bytes, size_t length, RgDial *dial);

/* May it be dialed? Returns NULL, or why not as one word. */
extern const char *rg_dial_refusal(const RgDialRules *rules, const RgDial *dial);

/* Is it a resolver of this machine? */
extern bool rg_dial_is_resolver(const RgDialRules *rules, const RgDial *dial);

/* Reads the text of a resolv.conf. Returns the number of resolvers; without any, glibc asks this machine. */
extern int rg_resolvers_read(const char *text, RgNetwork resolvers[RG_MOST_RESOLVERS]);

#endif
