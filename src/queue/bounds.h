/*
 * bounds.h — what a worker must leave alone while it claims: hosts that have as many connections as they may
 * have, organizations that have as many workers, and jobs that are only to be stored.
 */
#ifndef RG_QUEUE_BOUNDS_H
#define RG_QUEUE_BOUNDS_H

#include "postgres.h"

#include "catalog/host_keys.h"
#include "queue.h"
#include "shared.h"

/*
 * From now on this worker connects to these hosts (none: to none). False: to one of them as many do already
 * as rivergen.max_connections_per_host allows, and no caller waits for it.
 */
extern bool rg_bounds_take_hosts(const RgHostKeys *hosts, bool waited_for);

extern RgBounds rg_pool_bounds(void);

/* Jobs of this database were passed over because of their hosts: it is woken when one is left. */
extern void rg_bounds_wait_for_host(const RgBounds *bounds);

extern void rg_bounds_init(void);

/* The worker connects to no host any more: databases whose jobs waited for that are woken (bounds.c). */
extern void rg_pool_leave_hosts(RgWorkerSlot *worker);

#endif
