/*
 * refusal.h — inside the worker room: failures that this server decides: an address that may not be dialed,
 * and a sandbox that is less than the operator demands.
 */
#ifndef RG_WORKER_REFUSAL_H
#define RG_WORKER_REFUSAL_H

#include "check/hosts.h"
#include "failure.h"
#include "report.h"

/* The host may not be dialed because of this address. Returns false, for the caller to return. */
extern bool rg_refuse_address(RgFailure *failure, const char *host, const char *address, const char *reason);

/* The same for the addresses that the connector dialed in vain, instead of its own words. */
extern void rg_refuse_dials(RgFailure *failure, const RgHosts *hosts, const RgReport *report);

/* Is the connector confined as far as rivergen.sandbox_minimum demands? Otherwise *failure says what is
 * missing. */
extern bool rg_confined_enough(const RgReport *report, RgFailure *failure);

/*
 * A connector that may learn of further hosts would dial them unchecked without the dialer. Returns false,
 * for the caller to return.
 */
extern bool rg_refuse_several_hosts(const char *type, const RgReport *report, RgFailure *failure);

#endif
