/*
 * claim.h — jobs as a worker sees them.
 */
#ifndef RG_QUEUE_CLAIM_H
#define RG_QUEUE_CLAIM_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "queue.h"

/*
 * Claims the next job, fairly among organizations; false when there is none. *more: others are left; after
 * false, that another worker is claiming, and that there may be something when it has done so.
 */
extern bool rg_job_claim(RgJob *job, bool *more);

/* Back to the queue, as if it had never been claimed. */
extern void rg_job_release(const RgJob *job);

/*
 * Back to the queue, to be begun at once because the source was changed meanwhile; that counts as an attempt.
 * False when it happened too often: nothing was changed.
 */
#define RG_CHANGED_CODE "changed"
extern bool rg_job_begin_again(const RgJob *job);

/* The same as rg_job_release, but not to be claimed before that time. */
extern void rg_job_put_off(const RgJob *job, TimestampTz until);

/* The same for the sake of callers, which is counted: a job gives way only a few times. */
extern void rg_job_give_way(const RgJob *job, TimestampTz until);

/* Forgets the tests of the source that the schedule made before this one, but for those that failed. */
extern void rg_job_supersede_tests(const RgJob *job);

/* Is the job still this worker's? Locks its row until the transaction ends when lock is true. */
extern RgJobStanding rg_job_standing(const RgJob *job, bool lock);

/* Is it still of no use to anybody but those who wait for it? One who left may have asked for it to go on. */
extern bool rg_job_is_for_callers(const RgJob *job);

extern void rg_job_succeed(const RgJob *job, Datum result);
extern void rg_job_fail(const RgJob *job, const char *code, const char *message, const char *detail);

/*
 * Back to the queue after a failure that may pass, to be tried again later; the failure stays visible until
 * then. False when it was the last try, when somebody waits for the job, or in maintenance: nothing was
 * changed.
 */
extern bool rg_job_retry(const RgJob *job, const char *code, const char *message, const char *detail);

extern void rg_job_cancelled(const RgJob *job, const char *message);

/* Cancelled because those who wanted it have left. Who joined it at that very moment asks again. */
#define RG_ABANDONED_CODE "abandoned"
extern void rg_job_abandoned(const RgJob *job);

/* Puts back every running job that no worker runs any more, or holds. */
extern void rg_job_rescue(void);

extern void rg_claim_init(void);

#endif
