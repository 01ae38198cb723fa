/*
 * pending.h — finished jobs whose outcome cannot be stored yet, because a client's open transaction locks a
 * row that it needs.
 */
#ifndef RG_QUEUE_PENDING_H
#define RG_QUEUE_PENDING_H

#include "postgres.h"

#include "queue.h"
#include "shared.h"

/*
 * Records that this worker keeps the outcome of the job. False: it keeps too many already; the job is
 * dropped, and goes back to the queue when its row is free.
 */
extern bool rg_pending_add(const RgJob *job);
extern void rg_pending_remove(const RgJob *job);

/* Does a worker keep the outcome of this job? Of any job of this source, or was one dropped? */
extern bool rg_pending_has_job(int64 job_id);
extern bool rg_pending_has_source(int64 organization_id, int64 data_source_id);

/* Was this attempt dropped? Was any job of this database? */
extern bool rg_pending_was_dropped(int64 job_id, int32 attempt);
extern bool rg_pending_any_dropped(void);

/* Called in the transaction that puts a dropped job back; the commit removes it from the dropped ones. */
extern void rg_pending_requeued(const RgJob *job);

/* Forgets dropped jobs of this database except those listed, which are all that still run. */
extern void rg_pending_forget_others(const int64 *running, int count);

extern void rg_pending_init(void);

/* Drops all pending jobs of a worker that exits. The lock must be held. */
extern void rg_pending_drop_all(RgWorkerSlot *worker);

extern void rg_pending_forget_database(Oid database);

/* Lists the pending and dropped jobs of this database; returns how many. The lock must be held. */
#define RG_MOST_PENDING (RG_MAX_POOL * RG_MAX_PENDING + RG_MAX_DROPPED)
extern int rg_pending_list(Datum *jobs);

#endif
