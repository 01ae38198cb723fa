/* outcome.h — inside the worker room: one job that runs, and its outcome while it cannot be stored. */
#ifndef RG_HELD_H
#define RG_HELD_H

#include "attempt.h"
#include "queue/queue.h"

typedef struct RgRun
{
	RgJob *job;
	TimestampTz started_at;
	RgAttempt attempt;
	MemoryContext memory; /* lives as long as the job runs */
	char *objection;      /* why the schedule's job is not done, when interruption is RG_UNWANTED */
	bool complete;        /* the work is; otherwise it failed or was interrupted */
	bool unstorable;      /* what was read could not be stored; only that failure is left to be written */
	bool ended;           /* the job has; otherwise it was put back, or is left for a rescue */
	bool retried;
	int tries; /* to store an outcome that is held aside */
	TimestampTz next_try;
} RgRun;

/* The work is done: stores its outcome and frees the run, or holds it aside. */
extern void rg_outcome_store_or_keep(RgRun *run);

/* Tries what is held aside and due for that; true when something was stored. */
extern bool rg_outcome_store_pending(void);
extern bool rg_outcome_any_pending(void);

#endif
