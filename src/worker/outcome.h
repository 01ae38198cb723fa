/* outcome.h — inside the worker room: one running job, and its outcome while that cannot be stored. */
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
	char *objection;      /* why the scheduled job is not done, if interruption is RG_UNWANTED */
	bool complete;        /* the work is complete; otherwise it failed or was interrupted */
	bool discovered;      /* a discovery is stored; changed: with changes */
	bool changed;
	bool unstorable; /* the result could not be stored; only that failure is left to be written */
	bool ended;      /* the job has ended; otherwise it was put back, or is left for a rescue */
	bool retried;
	int tries; /* to store the pending outcome */
	TimestampTz next_try;
} RgRun;

/* Stores the outcome of finished work and frees the run, or keeps it as pending. */
extern void rg_outcome_store_or_keep(RgRun *run);

/* Tries to store pending outcomes that are due for a try; true when one was stored. */
extern bool rg_outcome_store_pending(void);
extern bool rg_outcome_any_pending(void);

#endif
