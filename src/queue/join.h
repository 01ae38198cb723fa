/* join.h — the job for a waiting caller: an existing one, or a new one. */
#ifndef RG_QUEUE_JOIN_H
#define RG_QUEUE_JOIN_H

#include "postgres.h"

#include "queue.h"

/*
 * Returns the job for a waiting call: a queued one, a running one that will do, or a new one. 0: the source
 * does not exist. RG_JOB_CACHED: the call accepts cached data, and there is some.
 */
#define RG_JOB_CACHED (-1)
extern int64 rg_job_for_request(const RgCall *request);

#endif
