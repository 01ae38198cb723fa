/* pool.h — the worker slots: starting workers, their reports, and notices to them. */
#ifndef RG_QUEUE_POOL_H
#define RG_QUEUE_POOL_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "queue.h"

extern int rg_max_workers;

/*
 * Calls an idle worker of the database, or starts one if the pool has room. Otherwise an idle worker of
 * another database, if there is one, is asked to exit.
 */
extern RgStart rg_pool_start(Oid database);

/*
 * After rg_pool_set_idle backends can call this worker; a called worker must check for work again.
 * rg_pool_end_idle ends that state and returns whether the worker was called.
 */
extern void rg_pool_set_idle(void);
extern bool rg_pool_is_called(void);
extern bool rg_pool_end_idle(void);

/* Called first by a worker: is the slot that it was started for still its own? */
extern bool rg_pool_attach(int slot, uint64 generation, Oid *database);

/*
 * Publishes the job that this worker runs (NULL = none). Set it before the claim commits. A job that yields
 * is put off when a caller finds every worker busy.
 */
extern void rg_pool_set_job(const RgJob *job);
extern void rg_pool_set_yields(bool yields);

/*
 * Publishes for which organization (0 = none) this worker makes a test for a caller, and of which source (0
 * = a definition). rg_pool_tests: does any worker test this source?
 */
extern void rg_pool_set_test(int64 organization_id, int64 data_source_id);
extern bool rg_pool_tests(int64 data_source_id);

/* If the organization is at its limit of workers, asks one whose job may yield to put it off. */
extern void rg_pool_make_way_within(int64 organization_id);

/* Does a worker run this job? */
extern bool rg_pool_has_job(int64 job_id);

extern void rg_pool_set_progress(const RgProgress *progress);
extern bool rg_pool_progress(int64 organization_id, int64 job_id, RgProgress *progress);

/* Returns and clears the notices to this worker (EVACUATE stays). */
extern int rg_pool_notices(void);

/* Sends a notice to the worker that runs the job. */
extern void rg_pool_notify(int64 job_id, RgNotice notice);

/*
 * Asks the workers of a database to leave and keeps new ones away, until rg_database_readmit or
 * rg_database_forget.
 */
extern void rg_pool_evacuate(Oid database);
extern bool rg_pool_has_workers(Oid database);

/* Settings and callbacks of the files of this room. */
extern void rg_pool_init(void);

/* Frees the slots of workers that never started. */
extern void rg_pool_reap(TimestampTz now);

/* Does a worker run a job that keeps others of this source from starting? */
extern bool rg_pool_runs_source(Oid database, int64 organization_id, int64 data_source_id);
extern bool rg_pool_runs_job(Oid database, int64 job_id);

/* How many workers are busy for this organization? */
extern int rg_pool_busy_for(Oid database, int64 organization_id);

extern int rg_pool_my_slot(void);

/*
 * Called when no worker is free for a caller of this database: asks a worker whose job may yield to put it
 * off. If the organization is at its limit, that worker must be its own.
 */
extern void rg_pool_make_room(Oid database, int64 organization_id);

#endif
