/*
 * outcome.c — pending outcomes: a client's open transaction keeps them from being stored. The worker keeps
 * everything that was read and tries again between jobs and once a second. ../queue/pending.c publishes
 * these jobs to other processes.
 */
#include "outcome.h"

#include "postgres.h"

#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/latch.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "error.h"
#include "queue/calls.h"
#include "queue/heartbeat.h"
#include "queue/pending.h"
#include "queue/pool.h"
#include "run.h"
#include "transaction.h"

#define COMMIT_RETRY_MS 100
/*
 * How long storing is tried while a caller waits. Not longer: the caller may hold the very lock, or the
 * holder may wait for the caller.
 */
#define CALLER_PATIENCE_MS 1500
/* The first delay between tries; it grows with each try. */
#define FIRST_TRY_MS   100
#define LONGEST_TRY_MS 1000
/* Storing pending outcomes must not delay the next job. */
#define HELD_LOCK_TIMEOUT "10ms"

/* As RgRun. */
static List *pending_runs = NIL;

static bool
must_stop(void)
{
	return ShutdownRequestPending || (rg_pool_notices() & RG_NOTICE_EVACUATE) != 0;
}

/* Tries for a moment to store an outcome that a caller waits for. */
static bool
store_soon(RgRun *run)
{
	TimestampTz began = GetCurrentTimestamp();

	while (!rg_run_store(run))
	{
		if (must_stop() || !rg_call_waited_for(run->job->job_id) ||
			TimestampDifferenceExceeds(began, GetCurrentTimestamp(), CALLER_PATIENCE_MS))
			return false;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, COMMIT_RETRY_MS,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	return true;
}

/*
 * Callers of a job that was put back keep waiting, for the worker that claims it next. But a retry may be
 * far away: a caller that came just before it was decided is answered now.
 */
static void
conclude(RgRun *run)
{
	if (run->attempt.merge != NULL)
		rg_merge_end(run->attempt.merge);
	if (run->attempt.samples != NULL)
		rg_samples_end(run->attempt.samples);
	if (run->ended)
		rg_call_job_ended(run->job->job_id);
	else if (run->retried)
		rg_call_refuse_waiting(run->job->job_id, RG_BAD_GATEWAY, run->attempt.failure.message,
							   psprintf("Job " INT64_FORMAT " tries again by itself.", run->job->job_id));
	MemoryContextDelete(run->memory);
}

/* Refuses callers of other jobs of the source too: they would wait as long. */
static void
refuse_callers(const RgRun *run)
{
	rg_call_refuse_source(run->job->organization_id, run->job->data_source_id, RG_UNAVAILABLE,
						  "the discovery is done, but another transaction keeps it from being stored",
						  "It is stored as soon as that transaction ends.");
}

static void
set_next_try(RgRun *run, TimestampTz began)
{
	TimestampTz now = GetCurrentTimestamp();
	int64 delay = Min((int64) FIRST_TRY_MS << Min(run->tries++, 10), LONGEST_TRY_MS);

	/* An outcome that takes long to write is tried less often. */
	delay = Max(delay, 4 * TimestampDifferenceMilliseconds(began, now));
	run->next_try = TimestampTzPlusMilliseconds(now, delay);
}

static void
hold(RgRun *run)
{
	MemoryContext previous;

	refuse_callers(run);
	if (!rg_pending_add(run->job))
	{
		conclude(run);
		return;
	}
	set_next_try(run, GetCurrentTimestamp());
	previous = MemoryContextSwitchTo(TopMemoryContext);
	pending_runs = lappend(pending_runs, run);
	MemoryContextSwitchTo(previous);
}

static bool
store_one(RgRun *run)
{
	TimestampTz began = GetCurrentTimestamp();

	/* Writing may take long; the job that is being read meanwhile has not stopped. */
	rg_heartbeat_send(false);
	MemoryContextSwitchTo(run->memory);
	SetConfigOption("lock_timeout", HELD_LOCK_TIMEOUT, PGC_SUSET, PGC_S_OVERRIDE);

	bool stored = rg_run_store(run);

	SetConfigOption("lock_timeout", RG_WORKER_LOCK_TIMEOUT, PGC_SUSET, PGC_S_OVERRIDE);
	if (stored)
	{
		rg_pending_remove(run->job);
		conclude(run);
		return true;
	}
	refuse_callers(run);
	set_next_try(run, began);
	return false;
}

bool
rg_outcome_store_pending(void)
{
	MemoryContext previous = CurrentMemoryContext;
	TimestampTz now = GetCurrentTimestamp();
	bool any = false;
	ListCell *cell;

	foreach (cell, pending_runs)
	{
		RgRun *run = lfirst(cell);

		if (run->next_try > now || !store_one(run))
			continue;
		pending_runs = foreach_delete_current(pending_runs, cell);
		any = true;
	}
	MemoryContextSwitchTo(previous);
	return any;
}

bool
rg_outcome_any_pending(void)
{
	return pending_runs != NIL;
}

void
rg_outcome_store_or_keep(RgRun *run)
{
	if (store_soon(run))
		conclude(run);
	else
		hold(run);
}
