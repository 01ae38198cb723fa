/*
 * retention.h — ended jobs are kept for rivergen.job_retention, the newest of each source for ever: a test of
 * the schedule does not count as one.
 */
#ifndef RG_QUEUE_RETENTION_H
#define RG_QUEUE_RETENTION_H

#include "postgres.h"

/* Removes a batch of the jobs that ended long ago; true when there may be more of them. */
extern bool rg_jobs_prune(void);

extern void rg_retention_init(void);

#endif
