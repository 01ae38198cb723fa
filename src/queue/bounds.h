/*
 * bounds.h — what a worker must not claim: jobs of hosts that are at their limit of connections, jobs of
 * organizations that are at their limit of workers, and jobs whose outcome is pending.
 */
#ifndef RG_QUEUE_BOUNDS_H
#define RG_QUEUE_BOUNDS_H

#include "postgres.h"

#include "catalog/host_keys.h"
#include "queue.h"
#include "shared.h"

/*
 * Records that this worker connects to these hosts from now on (none: to no host). Returns false and records
 * nothing if one of them is at rivergen.max_connections_per_host, unless a caller waits for the job.
 */
extern bool rg_bounds_take_hosts(const RgHostKeys *hosts, bool waited_for);

extern RgBounds rg_pool_bounds(void);

/*
 * Called when a claim skipped jobs because of their hosts: the database is woken when a host becomes free.
 */
extern void rg_bounds_wait_for_host(const RgBounds *bounds);

extern void rg_bounds_init(void);

/*
 * Records that the worker has disconnected from its hosts, and wakes databases whose jobs wait for a host.
 */
extern void rg_pool_leave_hosts(RgWorkerSlot *worker);

#endif
