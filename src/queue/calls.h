/* calls.h — the calls of waiting callers, as workers see them. Functions marked "lock" need rg_lock(). */
#ifndef RG_QUEUE_CALLS_H
#define RG_QUEUE_CALLS_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "queue.h"
#include "shared.h"

/* Takes the oldest new call of this database; false when there is none. */
extern bool rg_call_take(RgCall *request);

/* Makes the call wait for the end of this job. */
extern void rg_call_link(const RgCall *request, int64 job_id);

/* Answers a call: with an id and a text as message, or, if status is not 0, with a refusal. */
extern void
rg_call_answer(const RgCall *request, int64 id, int status, const char *message, const char *hint);

/* Is its caller still waiting? */
extern bool rg_call_is_waited_for(const RgCall *request);

/* Answers all callers of this job: it has ended. */
extern void rg_call_job_ended(int64 job_id);

/* Refuses all calls that wait for a job of this source; the jobs go on. */
extern void rg_call_refuse_source(int64 organization_id, int64 data_source_id, int status,
								  const char *message, const char *hint);

/* Refuses all calls that wait for this job; the job goes on. */
extern void rg_call_refuse_waiting(int64 job_id, int status, const char *message, const char *hint);

/* No awaited job of this database could be claimed: start no worker for them for a while. */
extern void rg_calls_pass_over(void);

/* Does a caller wait for this job? */
extern bool rg_call_waited_for(int64 job_id);

extern bool rg_calls_pending(Oid database);

/* Is it linked to a job that waits for a worker, as far as shared memory shows? Lock. */
extern bool rg_call_waits_for_claim(const RgCallSlot *slot);

/* Could a worker that comes to its database serve it now? Lock. */
extern bool rg_call_wants_worker(const RgCallSlot *slot, TimestampTz now);

/* Refuses the calls that this worker took and did not answer. Lock. */
extern void rg_calls_drop(int worker);

/* Is it new, and may its organization use one more worker? */
extern bool rg_call_may_be_taken(const RgCallSlot *slot);

#endif
