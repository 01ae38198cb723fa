/*
 * resolve.h — inside the worker room: resolves a source's hosts and checks the addresses before they are
 * dialed.
 */
#ifndef RG_RESOLVE_H
#define RG_RESOLVE_H

#include "catalog/endpoint.h"
#include "check/hosts.h"
#include "failure.h"
#include "watch.h"

typedef struct RgResolved
{
	RgHosts hosts;                 /* none: the source has no host */
	char *addresses[RG_MAX_HOSTS]; /* a JSON array for each host; empty where the name is unknown */
} RgResolved;

/*
 * Resolves the source's hosts within its connection_timeout and checks every address. One refused address
 * refuses the source. Of several hosts at least one name must be known. False: *failure or *interruption
 * says why.
 */
extern bool rg_resolve(const RgEndpoint *endpoint, RgContinueCheck check, void *argument,
					   RgResolved *resolved, RgFailure *failure, RgInterruption *interruption);

/*
 * Resolves one name within this time. Returns its addresses, one a line, all of which may be dialed; NULL:
 * *failure or *interruption says why not.
 */
extern char *rg_resolve_name(const char *host, int seconds, RgContinueCheck check, void *argument,
							 RgFailure *failure, RgInterruption *interruption);

#endif
