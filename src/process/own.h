/* own.h — the addresses of this machine. Plain C, no server code. */
#ifndef RG_OWN_H
#define RG_OWN_H

#include <stdbool.h>

#include "process/address.h"

typedef struct RgOwnAddresses
{
	int count;
	RgNetwork *networks;
} RgOwnAddresses;

/* Asks the kernel. false: errno says why. */
extern bool rg_own_addresses_read(RgOwnAddresses *own);
extern void rg_own_addresses_free(RgOwnAddresses *own);

#endif
