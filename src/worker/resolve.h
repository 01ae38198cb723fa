/*
 * resolve.h — inside the worker room: the hosts of a source, and the addresses of a host that this server
 * resolves because its connector runs without the dialer.
 */
#ifndef RG_RESOLVE_H
#define RG_RESOLVE_H

#include "check/hosts.h"
#include "failure.h"
#include "proxy.h"
#include "report.h"
#include "watch.h"

typedef struct RgResolved
{
	RgHosts hosts;        /* none: the source has no host */
	char *addresses;      /* of the only host, as a JSON array; NULL: the connector resolves */
	const RgProxy *proxy; /* which resolves the host and dials it; NULL: there is none */
} RgResolved;

/*
 * Resolves the only host until the deadline and checks every address. One refused address refuses the host.
 * The addresses are added to the report. False: *failure or *interruption says why.
 */
extern bool rg_resolve(RgResolved *resolved, TimestampTz deadline, RgContinueCheck check, void *argument,
					   RgReport *report, RgFailure *failure, RgInterruption *interruption);

/* Lines of addresses, as a JSON array; they are added to the report unless it is NULL. */
extern char *rg_resolve_array(const char *printed, int port, RgReport *report);

/*
 * Resolves one name within this time. Returns its addresses, one a line, all of which may be dialed; NULL:
 * *failure or *interruption says why not.
 */
extern char *rg_resolve_name(const char *host, int seconds, RgContinueCheck check, void *argument,
							 RgFailure *failure, RgInterruption *interruption);

#endif
