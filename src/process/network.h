/* network.h — inside the process room: the operator's network rules. */
#ifndef RG_NETWORK_H
#define RG_NETWORK_H

#include "postgres.h"

#include "nodes/pg_list.h"

extern void rg_network_init(void);

/* May this numeric address (as printed by the resolver) be dialed? Otherwise *reason says why not. */
extern bool rg_address_allowed(const char *address, const char **reason);

/* Appends the operator's rules to the arguments of rivergen-run. */
extern List *rg_network_arguments(List *arguments);

/*
 * Is it a resolver of this server, at the port where connectors ask it? Its address is the operator's, not
 * the source's.
 */
extern bool rg_address_is_resolver(const char *address, int port);

#endif
