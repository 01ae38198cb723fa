/*
 * calls.h — the requests of waiting callers, as workers see them.
 */
#ifndef RG_QUEUE_CALLS_H
#define RG_QUEUE_CALLS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "queue.h"
#include "shared.h"

/* Takes one new request of this database; false when there is none. */
extern bool rg_call_take(RgCall *request);

/* From now on the request waits for the end of this job. */
extern void rg_call_link(const RgCall *request, int64 job_id);

/* Answers a request: with an id and a text in the place of the message, or (status not 0) with a refusal. */
extern void
rg_call_answer(const RgCall *request, int64 id, int status, const char *message, const char *hint);

/* Does its caller still wait? */
extern bool rg_call_is_waited_for(const RgCall *request);

/* Tells everyone who waits for this job that it has ended. */
extern void rg_call_job_ended(int64 job_id);

/* Lets go of everyone who waits for any job of this source, with a refusal; the jobs go on. */
extern void rg_call_refuse_source(int64 organization_id, int64 data_source_id, int status,
								  const char *message, const char *hint);

/* Lets go of everyone who waits for this job, with a refusal; the job goes on. */
extern void rg_call_refuse_waiting(int64 job_id, int status, const char *message, const char *hint);

/* Callers' jobs of this database were there, and none could be claimed: they bring no worker for a while. */
extern void rg_calls_pass_over(void);

/* Does anybody wait for this job? */
extern bool rg_call_waited_for(int64 job_id);

extern bool rg_calls_pending(Oid database);

/* Is it linked to a job that waits for a worker, as far as shared memory tells? */
extern bool rg_call_waits_for_claim(const RgCallSlot *slot);

/* Could a worker that comes to its database serve it now? */
extern bool rg_call_wants_worker(const RgCallSlot *slot, TimestampTz now);

/* Refuses what this worker took and did not answer. */
extern void rg_calls_drop(int worker);

/* Has no worker taken it, and may its organization have one more? */
extern bool rg_call_may_be_taken(const RgCallSlot *slot);

#endif
