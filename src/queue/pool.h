/*
 * pool.h — the worker slots: starting workers, what they say of themselves, what is said to them.
 */
#ifndef RG_QUEUE_POOL_H
#define RG_QUEUE_POOL_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "queue.h"

extern int rg_max_workers;

/* Calls a resting worker of the database, or starts one if the pool has room; a resting one of another
 * database makes room, soon. */
extern RgStart rg_pool_start(Oid database);

/*
 * A worker that has nothing left to do can be called from rg_pool_set_idle on; then it must look for work
 * again. rg_pool_end_idle ends that, and tells whether it was called.
 */
extern void rg_pool_set_idle(void);
extern bool rg_pool_is_called(void);
extern bool rg_pool_end_idle(void);

/* Called first thing by a worker: is the slot that it was started for still its own? */
extern bool rg_pool_attach(int slot, uint64 generation, Oid *database);

/*
 * The job that this worker runs (NULL = none), visible to everyone; set it before the claim commits. One that
 * yields is put off when a caller finds every worker busy.
 */
extern void rg_pool_set_job(const RgJob *job);
extern void rg_pool_set_yields(bool yields);

/*
 * Says for which organization (0 = none) this worker makes a caller's test, and of which source (0 = a
 * definition); and asks whether any worker tests one.
 */
extern void rg_pool_set_test(int64 organization_id, int64 data_source_id);
extern bool rg_pool_tests(int64 data_source_id);

/* Has the organization as many workers as it may have? Then one whose job gives way puts it off. */
extern void rg_pool_make_way_within(int64 organization_id);

/* Is some worker running this job? */
extern bool rg_pool_has_job(int64 job_id);

extern void rg_pool_set_progress(const RgProgress *progress);
extern bool rg_pool_progress(int64 organization_id, int64 job_id, RgProgress *progress);

/* What has been said to this worker since it last asked. */
extern int rg_pool_notices(void);

/* Wakes the worker that runs the job. */
extern void rg_pool_notify(int64 job_id, RgNotice notice);

/* Asks the workers of a database to leave and keeps new ones away, until rg_database_readmit or
 * rg_database_forget.
 */
extern void rg_pool_evacuate(Oid database);
extern bool rg_pool_has_workers(Oid database);

/* Settings and callbacks of the files of this room. */
extern void rg_pool_init(void);

/* Frees the slots of workers that never came up. */
extern void rg_pool_reap(TimestampTz now);

/* Does a worker run a job that keeps others of this source from starting? */
extern bool rg_pool_runs_source(Oid database, int64 organization_id, int64 data_source_id);
extern bool rg_pool_runs_job(Oid database, int64 job_id);

/* How many workers are busy for this organization? */
extern int rg_pool_busy_for(Oid database, int64 organization_id);

extern int rg_pool_my_slot(void);

/*
 * No worker is free for a caller of this database: asks one to put its job off, if there is one whose job
 * gives way. An organization that has as many workers as it may have gets one of its own.
 */
extern void rg_pool_make_room(Oid database, int64 organization_id);

#endif
