/* network.h — inside the process room: the operator's network rules. */
#ifndef RG_NETWORK_H
#define RG_NETWORK_H

#include "postgres.h"

extern void rg_network_init(void);

/* May this numeric address (as printed by the resolver) be dialed? Otherwise *reason says why not. */
extern bool rg_address_allowed(const char *address, const char **reason);

#endif
