/*
 * resolve.h — inside the worker room: the addresses of a source's hosts, vetted before they are dialed.
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
	char *addresses[RG_MAX_HOSTS]; /* JSON arrays of each host's; empty where its name is not known */
} RgResolved;

/*
 * Resolves the source's hosts, all of them within its connection_timeout, and vets every address. One refused
 * address refuses the source. Of several hosts one must be known. False: *failure or *interruption says why.
 */
extern bool rg_resolve(const RgEndpoint *endpoint, RgContinueCheck check, void *argument,
					   RgResolved *resolved, RgFailure *failure, RgInterruption *interruption);

#endif
