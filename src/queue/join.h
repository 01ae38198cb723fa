/*
 * join.h — the job for a caller who waits: one that is there already, or a new one.
 */
#ifndef RG_QUEUE_JOIN_H
#define RG_QUEUE_JOIN_H

#include "postgres.h"

#include "queue.h"

/*
 * The job for a waiting request: one that is queued, one that is running and will do, or a new one. 0: the
 * source is not there. RG_JOB_CACHED: the request would take what is cached, and something is.
 */
#define RG_JOB_CACHED (-1)
extern int64 rg_job_for_request(const RgCall *request);

#endif
