/* claim.h — jobs as workers see them. */
#ifndef RG_QUEUE_CLAIM_H
#define RG_QUEUE_CLAIM_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "queue.h"

/*
 * Claims the next job, fairly among organizations; false when there is none. *more: after true, other
 * claimable jobs are left; after false, another worker is claiming, and jobs may be left when it has
 * committed.
 */
extern bool rg_job_claim(RgJob *job, bool *more);

/*
 * Stores how the connector was confined, what its sandbox lacked (feature=reason, separated by commas), and
 * the JSON text of what it dialed. Only while the job runs.
 */
extern void
rg_job_record_sandbox(const RgJob *job, const char *level, const char *missing, const char *dialed);

/* Puts the job back into the queue as if it had never been claimed. */
extern void rg_job_release(const RgJob *job);

/*
 * Puts the job back to start at once, because the source was changed meanwhile; that counts as an attempt.
 * Returns false and changes nothing when it happened too often.
 */
#define RG_CHANGED_CODE "changed"
extern bool rg_job_begin_again(const RgJob *job);

/* Like rg_job_release, but the job may not be claimed before that time. */
extern void rg_job_put_off(const RgJob *job, TimestampTz until);

/*
 * Like rg_job_put_off, to give way to a caller: for as long as the job has run, and at most until `latest`.
 * This is counted: a job gives way only a few times.
 */
extern void rg_job_give_way(const RgJob *job, TimestampTz latest);

/* Deletes the source's earlier scheduled tests, except failed ones. */
extern void rg_job_supersede_tests(const RgJob *job);

/* Is the job still this worker's? lock: locks its row until the transaction ends. */
extern RgJobStanding rg_job_standing(const RgJob *job, bool lock);

/* Is the job still for waiting callers only? A caller that left may have asked that it go on. */
extern bool rg_job_is_for_callers(const RgJob *job);

extern void rg_job_succeed(const RgJob *job, Datum result);
extern void rg_job_fail(const RgJob *job, const char *code, const char *message, const char *detail);

/*
 * Puts the job back to be tried later, after a failure that may pass; the failure stays visible until then.
 * Returns false and changes nothing if this was the last try, if a caller waits for the job, or in
 * maintenance.
 */
extern bool rg_job_retry(const RgJob *job, const char *code, const char *message, const char *detail);

extern void rg_job_cancelled(const RgJob *job, const char *message);

/*
 * error_code of a job cancelled because every waiting caller left. A caller that joined too late sees this
 * code and submits its call again.
 */
#define RG_ABANDONED_CODE "abandoned"
extern void rg_job_abandoned(const RgJob *job);

/* Puts back every running job that no worker runs and whose outcome is not pending. */
extern void rg_job_rescue(void);

extern void rg_claim_init(void);

#endif
