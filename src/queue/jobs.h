/* jobs.h — jobs as callers of the API see them. Everything happens in the caller's transaction. */
#ifndef RG_QUEUE_JOBS_H
#define RG_QUEUE_JOBS_H

#include "postgres.h"

#include "utils/array.h"

/*
 * Queues a discovery in the caller's transaction, or finds a queued one of the same source and scope; a
 * worker is woken at commit. schema is NULL for the whole source. Returns the job's id.
 */
extern int64 rg_queue_enqueue(int64 organization_id, int64 data_source_id, const char *schema, bool full_read,
							  int64 user_id);

/*
 * The same for a scan of relations (an ascending array of ids; NULL for all of the source). It never joins a
 * discovery.
 */
extern int64
rg_queue_enqueue_scan(int64 organization_id, int64 data_source_id, ArrayType *relation_ids, int64 user_id);

/* Fails with 503 during recovery. */
extern void rg_queue_require_primary(void);

/* Fails with 429 when the organization's queue is full. */
extern void rg_queue_require_room(int64 organization_id);

/* Wakes a worker when the current transaction commits. */
extern void rg_queue_wake_at_commit(void);

/* Cancels a queued job, or asks the worker of a running one to stop. Fails with 404 and 409. */
extern void rg_queue_cancel(int64 organization_id, int64 job_id);

/*
 * Has the current transaction cancelled a job of this source? No worker can continue with it before the
 * transaction ends.
 */
extern bool rg_queue_has_cancelled(int64 organization_id, int64 data_source_id);

extern void rg_jobs_init(void);

extern int rg_max_queued_per_organization;

/* How many workers one organization may use at once. */
extern int rg_queue_organization_limit(void);

#endif
