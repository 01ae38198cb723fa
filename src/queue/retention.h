/* retention.h — ended jobs are kept for rivergen.job_retention; the newest job of each source stays. */
#ifndef RG_QUEUE_RETENTION_H
#define RG_QUEUE_RETENTION_H

#include "postgres.h"

/* Deletes a batch of jobs that ended before the retention; true when more may be left. */
extern bool rg_jobs_prune(void);

extern void rg_retention_init(void);

#endif
