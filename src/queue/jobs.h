/*
 * jobs.h — what callers of the API do with jobs, inside their own transactions.
 */
#ifndef RG_QUEUE_JOBS_H
#define RG_QUEUE_JOBS_H

#include "postgres.h"

#include "utils/array.h"

/*
 * Puts a discovery into the queue as part of the caller's transaction, or finds the one of the same source
 * and scope that is already waiting; a worker is woken at commit. schema is NULL for the whole source.
 * Returns the job's id.
 */
extern int64 rg_queue_enqueue(int64 organization_id, int64 data_source_id, const char *schema, bool full_read,
							  int64 user_id);

/*
 * Same for a scan of relations (an array of their ids, ascending; NULL for all of the source). It never joins
 * a discovery.
 */
extern int64
rg_queue_enqueue_scan(int64 organization_id, int64 data_source_id, ArrayType *relation_ids, int64 user_id);

/* Fails with 503 during recovery. */
extern void rg_queue_require_primary(void);

/* Fails with 429 when the organization's queue is full. */
extern void rg_queue_require_room(int64 organization_id);

/* There may be work to do once the current transaction is committed. */
extern void rg_queue_wake_at_commit(void);

/* Cancels a queued job, or asks the worker of a running one to stop. Fails with 404 and 409. */
extern void rg_queue_cancel(int64 organization_id, int64 job_id);

/* Has the current transaction cancelled a job of this source? Until it ends, no worker can go on with it. */
extern bool rg_queue_has_cancelled(int64 organization_id, int64 data_source_id);

extern void rg_jobs_init(void);

extern int rg_max_queued_per_organization;

/* Workers that one organization may keep busy at once. */
extern int rg_queue_organization_limit(void);

#endif
