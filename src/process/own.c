/* own.c — the addresses of this machine, as its interfaces have them. */
#include "process/own.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* false for families that are never dialed. */
static bool
interface_address(const struct sockaddr *address, RgNetwork *network)
{
	if (address == NULL)
		return false;
	network->family = address->sa_family;
	if (address->sa_family == AF_INET)
	{
		network->prefix = 32;
		memcpy(network->bytes, &((const struct sockaddr_in *) address)->sin_addr, 4);
		return true;
	}
	if (address->sa_family == AF_INET6)
	{
		network->prefix = 128;
		memcpy(network->bytes, &((const struct sockaddr_in6 *) address)->sin6_addr, 16);
		return true;
	}
	return false;
}

bool
rg_own_addresses_read(RgOwnAddresses *own)
{
	struct ifaddrs *interfaces;
	size_t count = 0;

	if (getifaddrs(&interfaces) != 0)
		return false;
	for (struct ifaddrs *i = interfaces; i != NULL; i = i->ifa_next)
		count++;
	own->count = 0;
	own->networks = malloc((count + 1) * sizeof(RgNetwork));
	for (struct ifaddrs *i = interfaces; i != NULL && own->networks != NULL; i = i->ifa_next)
		own->count += interface_address(i->ifa_addr, &own->networks[own->count]);
	freeifaddrs(interfaces);
	return own->networks != NULL;
}

void
rg_own_addresses_free(RgOwnAddresses *own)
{
	free(own->networks);
	own->networks = NULL;
	own->count = 0;
}
