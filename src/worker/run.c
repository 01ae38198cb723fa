/*
 * run.c — runs one job. No transaction is open while the source is read. The end is one transaction that
 * writes the differences, the source's state and the job's result, all or none.
 */
#include "run.h"

#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "attachments.h"
#include "attempt.h"
#include "report_json.h"
#include "catalog/connection.h"
#include "catalog/endpoint.h"
#include "catalog/event.h"
#include "catalog/quarantine.h"
#include "catalog/schedule.h"
#include "error.h"
#include "merge/apply.h"
#include "merge/merge.h"
#include "merge/signatures.h"
#include "merge/skipped.h"
#include "outcome.h"
#include "queue/calls.h"
#include "queue/claim.h"
#include "queue/pool.h"
#include "scan.h"
#include "scheduled.h"
#include "sql.h"
#include "transaction.h"
#include "version.h"
#include "worker/unseal.h"

/* When a job starts again whose first steps met a locked table. */
#define LOCKED_OUT_MS 1000

/* SIGINT cancels this run; while none runs, all pending outcomes. */
static RgRun *running = NULL;

/* ---- errors ---- */

static ErrorData *
take_error(MemoryContext memory)
{
	ErrorData *error;

	MemoryContextSwitchTo(memory);
	error = CopyErrorData();
	FlushErrorState();
	rg_transaction_abort();
	MemoryContextSwitchTo(memory);
	return error;
}

/* ---- may the work go on? ---- */

static RgInterruption
interruption_of(RgJobStanding standing)
{
	switch (standing)
	{
		case RG_JOB_MINE:
			return RG_UNDISTURBED;
		case RG_JOB_CANCEL_REQUESTED:
			return RG_CANCELLED;
		default:
			return RG_LOST;
	}
}

/* Part of the caller's transaction. */
static RgInterruption
check_schedule(RgRun *run, bool begun)
{
	MemoryContext previous = MemoryContextSwitchTo(run->memory);

	run->objection = rg_scheduled_objection(run->job, begun);
	MemoryContextSwitchTo(previous);
	return run->objection != NULL ? RG_UNWANTED : RG_UNDISTURBED;
}

static RgInterruption
check_job(void *argument)
{
	RgRun *run = argument;
	RgInterruption interruption = RG_LOST;
	bool alone = run->job->for_caller && !rg_call_waited_for(run->job->job_id);

	rg_transaction_begin();
	if (rg_version_fit() == RG_VERSION_FITS)
		interruption = interruption_of(rg_job_standing(run->job, false));
	if (interruption == RG_UNDISTURBED && alone && rg_job_is_for_callers(run->job))
		interruption = RG_ABANDONED;
	if (interruption == RG_UNDISTURBED && !rg_endpoint_is_current(&run->attempt.endpoint))
		interruption = RG_MOVED;
	if (interruption == RG_UNDISTURBED)
		interruption = check_schedule(run, true);
	rg_transaction_commit();
	return interruption;
}

/* A locked table says nothing about the job: the next check may succeed. */
static RgInterruption
check(void *argument)
{
	MemoryContext memory = CurrentMemoryContext;
	volatile RgInterruption interruption = RG_UNDISTURBED;

	PG_TRY();
	{
		interruption = check_job(argument);
		(void) rg_outcome_store_pending();
	}
	PG_CATCH();
	{
		ErrorData *error = take_error(memory);

		if (!rg_transaction_met_another(error))
			ReThrowError(error);
		FreeErrorData(error);
	}
	PG_END_TRY();
	return interruption;
}

/* ---- before the conversation ---- */

static bool
load_endpoint(RgRun *run)
{
	bool found;
	MemoryContext memory = CurrentMemoryContext;

	rg_transaction_begin();
	MemoryContextSwitchTo(memory);
	found = rg_endpoint_load(run->job->organization_id, run->job->data_source_id, &run->attempt.endpoint);
	run->attempt.interruption = found ? check_schedule(run, false) : RG_LOST;
	rg_transaction_commit();
	return run->attempt.interruption == RG_UNDISTURBED;
}

static RgMerge *
load_known(void *argument, char **known)
{
	RgRun *run = argument;
	RgJob *job = run->job;
	MemoryContext memory = CurrentMemoryContext;

	rg_transaction_begin();

	RgMerge *merge = rg_merge_begin(job->organization_id, job->data_source_id, job->schema,
									run->attempt.endpoint.patterns);

	rg_transaction_commit();
	MemoryContextSwitchTo(memory);
	*known = rg_merge_known(merge, job->full_read);
	return merge;
}

static bool
work(RgRun *run)
{
	RgQuestion question = {.operation = run->job->tests ? "test" : "discover", .schema = run->job->schema};

	if (!load_endpoint(run))
		return false;
	if (run->job->scans)
		return rg_scan(&run->attempt, run->job);
	return rg_attempt(&run->attempt, &question, run->job->tests ? NULL : load_known, run);
}

/* ---- the end ---- */

static Datum
result_of(RgRun *run, int64 duration_ms)
{
	static RgStatement make = {
		.text =
			"SELECT r || CASE WHEN $5 IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('skipped', $5::jsonb) END "
			"FROM rivergen_catalog.discovery_result($1, $2, $3, now(), $4) r",
	};
	char *skipped = rg_merge_skipped(run->attempt.merge);
	bool is_null;

	rg_spi_execute(&make, rg_int8(run->job->organization_id), rg_int8(run->job->data_source_id),
				   rg_text_or_null(run->job->schema), rg_int8(duration_ms), rg_text_or_null(skipped));
	return rg_spi_datum(0, 1, &is_null);
}

static void
record_connection(RgRun *run, bool success)
{
	RgConnection connection = rg_attempt_outcome(&run->attempt, success);

	connection.kind = run->job->tests ? "test" : "discover";
	if (!run->job->scans)
		rg_connection_record(run->job->organization_id, run->job->data_source_id, &connection);
}

static void
write_success(RgRun *run)
{
	RgJob *job = run->job;

	run->changed = rg_merge_apply(run->attempt.merge, job->job_id) > 0;
	if (run->changed)
		rg_event(RG_EVENT_SCHEMA_CHANGED, job->organization_id, job->data_source_id, job->job_id);

	int64 duration_ms = TimestampDifferenceMilliseconds(run->started_at, GetCurrentTimestamp());

	rg_state_connected(job->organization_id, job->data_source_id, run->attempt.conversation.server);
	rg_attempt_keep_host_key(&run->attempt);
	rg_state_capabilities(job->organization_id, job->data_source_id,
						  rg_capability_names(run->attempt.conversation.capabilities, ","));
	record_connection(run, true);
	rg_state_discovered(job->organization_id, job->data_source_id, job->schema, duration_ms);
	(void) rg_quarantine_end(job->organization_id, job->data_source_id);
	if (job->schema == NULL)
		rg_schedule_next(job->organization_id, job->data_source_id, false);
	rg_job_succeed(job, result_of(run, duration_ms));
	run->discovered = true;
}

static void
write_test(RgRun *run)
{
	RgConnection connection = rg_attempt_outcome(&run->attempt, true);

	connection.kind = "test";
	rg_attempt_keep_host_key(&run->attempt);
	rg_scheduled_test_succeeded(run->job, &connection);
}

/* A source without relations to scan was not contacted. */
static void
write_scan(RgRun *run)
{
	RgJob *job = run->job;

	if (run->attempt.conversation.server != NULL)
		rg_state_connected(job->organization_id, job->data_source_id, run->attempt.conversation.server);
	rg_job_succeed(job, rg_samples_apply(run->attempt.samples));
}

/*
 * Samples received before the failure are stored, except from a connector that broke the protocol, or after
 * a failure of this server.
 */
static void
fail_scan(RgRun *run)
{
	const RgFailure *failure = &run->attempt.failure;
	bool counts = strcmp(failure->code, "protocol") != 0 && !failure->elsewhere && !run->unstorable;

	rg_samples_fail(counts ? run->attempt.samples : NULL, run->job->organization_id, run->job->job_id,
					failure->message);
}

static void
write_failure(RgRun *run)
{
	const RgFailure *failure = &run->attempt.failure;

	/* A missing schema is no fault of the source, which was connected to. */
	bool reached = strcmp(failure->code, "schema_not_found") == 0 && run->attempt.conversation.server != NULL;

	if (reached)
		rg_state_connected(run->job->organization_id, run->job->data_source_id,
						   run->attempt.conversation.server);
	else if (!failure->elsewhere)
		rg_state_failed(run->job->organization_id, run->job->data_source_id, failure->message);
	if (!failure->elsewhere)
		record_connection(run, reached);

	bool quarantined =
		strcmp(failure->code, "connector_crashed") == 0 &&
		rg_quarantine_crashed(run->job->organization_id, run->job->data_source_id, failure->message);

	/* A failed test is not retried: the next scheduled test follows. */
	run->retried = failure->transient && !quarantined && !run->job->tests &&
				   rg_job_retry(run->job, failure->code, failure->message, failure->detail);
	run->ended = !run->retried;
	if (run->ended && run->job->scans)
		fail_scan(run);
	if (!run->retried)
		rg_job_fail(run->job, failure->code, failure->message, failure->detail);
	if (run->ended && run->job->schema == NULL && !run->job->scans && !run->job->tests)
		rg_schedule_next(run->job->organization_id, run->job->data_source_id, !failure->elsewhere);
}

static void
begin_again(RgRun *run)
{
	rg_job_release(run->job);
	run->ended = false;
}

/* A caller may wait for this very job by now. */
static void
give_way(RgRun *run)
{
	if (rg_call_waited_for(run->job->job_id))
		rg_job_release(run->job);
	else
		rg_job_give_way(run->job, rg_scheduled_comeback());
	run->ended = false;
}

/*
 * The source is not to blame: its state stays as it is. A test is just not done; the next one keeps its
 * time.
 */
static void
fail_changed(RgRun *run)
{
	RgJob *job = run->job;
	const char *message = "the data source was changed again and again while it was read";

	if (job->tests)
	{
		rg_scheduled_not_done(job, message);
		return;
	}
	if (job->scans)
		rg_samples_fail(NULL, job->organization_id, job->job_id, message);
	rg_job_fail(job, RG_CHANGED_CODE, message, psprintf("It was begun %d times.", job->attempt));
	if (job->schema == NULL && !job->scans)
		rg_schedule_next(job->organization_id, job->data_source_id, true);
}

static void
begin_again_changed(RgRun *run)
{
	run->ended = !rg_job_begin_again(run->job);
	if (run->ended)
		fail_changed(run);
}

/* A caller may have joined since the last one was seen to leave. */
static void
write_abandoned(RgRun *run)
{
	if (rg_call_waited_for(run->job->job_id))
		begin_again(run);
	else
		rg_job_abandoned(run->job);
}

static void
write_interruption(RgRun *run)
{
	switch (run->attempt.interruption)
	{
		case RG_SHUTTING_DOWN:
			begin_again(run);
			break;
		case RG_MOVED:
			begin_again_changed(run);
			break;
		case RG_YIELDED:
			give_way(run);
			break;
		case RG_LOCKED_OUT:
			rg_job_put_off(run->job, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOCKED_OUT_MS));
			run->ended = false;
			break;
		case RG_STOPPED:
			rg_job_cancelled(run->job, "cancelled: an operator cancelled the worker that ran it");
			break;
		case RG_UNWANTED:
			if (rg_call_waited_for(run->job->job_id))
				begin_again(run);
			else
				rg_scheduled_not_done(run->job, run->objection);
			break;
		case RG_ABANDONED:
			write_abandoned(run);
			break;
		default:
			rg_job_cancelled(run->job, "cancelled");
			break;
	}
}

/*
 * Was the source moved, or given other credentials, since it was loaded? Then it is discovered again. While
 * this transaction locks its state, the source cannot be moved unseen before the commit.
 */
static bool
was_moved(const RgRun *run)
{
	rg_state_lock(run->job->organization_id, run->job->data_source_id);
	return !rg_endpoint_is_current(&run->attempt.endpoint);
}

/* Also of a job that fails, is cancelled or starts again: what was dialed was dialed. */
static void
record_sandbox(RgRun *run)
{
	const RgReport *report = &run->attempt.report;

	if (report->level[0] != '\0')
		rg_job_record_sandbox(run->job, report->level, report->missing, rg_report_dialed(report));
}

/*
 * The job's row is locked first: a cancellation committed before that wins, a later one finds the job ended.
 */
static void
write_end(RgRun *run, bool complete)
{
	RgJobStanding standing = rg_job_standing(run->job, true);

	run->ended = standing != RG_JOB_LOST;
	if (standing == RG_JOB_LOST)
		return;
	record_sandbox(run);
	if (standing == RG_JOB_SOURCE_DELETED)
		rg_job_cancelled(run->job, "cancelled: the data source was deleted");
	else if (standing == RG_JOB_CANCEL_REQUESTED)
		rg_job_cancelled(run->job, "cancelled");
	else if (run->attempt.interruption != RG_UNDISTURBED)
		write_interruption(run);
	else if (was_moved(run))
		begin_again_changed(run);
	else if (check_schedule(run, true) == RG_UNWANTED)
		rg_scheduled_not_done(run->job, run->objection);
	else if (complete && run->job->scans)
		write_scan(run);
	else if (complete && run->job->tests)
		write_test(run);
	else if (complete)
		write_success(run);
	else
		write_failure(run);
}

static ErrorData *
try_to_end(RgRun *run, bool complete)
{
	MemoryContext memory = CurrentMemoryContext;
	ErrorData *volatile error = NULL;

	PG_TRY();
	{
		rg_transaction_begin();
		if (rg_version_fit() == RG_VERSION_FITS)
			write_end(run, complete);
		rg_transaction_commit();
	}
	PG_CATCH();
	{
		error = take_error(memory);
		run->ended = false;
		run->retried = false;
		run->discovered = false;
	}
	PG_END_TRY();
	return error;
}

static const char *
what_is_done(const RgJob *job)
{
	return job->scans ? "scan" : job->tests ? "test" : "discovery";
}

static void
internal_failure(RgRun *run, const char *what, const ErrorData *error)
{
	rg_failed_by_error(&run->attempt.failure,
					   psprintf("the %s could not be %s", what_is_done(run->job), what), error);
}

/* False: another transaction keeps the outcome from being stored. */
bool
rg_run_store(RgRun *run)
{
	ErrorData *error;

	while ((error = try_to_end(run, run->complete)) != NULL)
	{
		if (rg_transaction_met_another(error))
		{
			if (rg_watch_is_cancelled() && (running == NULL || running == run))
				run->attempt.interruption = RG_STOPPED;
			FreeErrorData(error);
			return false;
		}
		if (run->unstorable)
			return true; /* not even the failure can be written: the job stays running, and is rescued */
		internal_failure(run, "stored", error);
		run->complete = false;
		run->unstorable = true;
	}
	if (run->discovered)
		rg_follow_discovery(run->job->organization_id, run->job->data_source_id, run->changed);
	return true;
}

static bool
guarded_work(RgRun *run)
{
	MemoryContext memory = CurrentMemoryContext;
	volatile bool complete = false;

	PG_TRY();
	{
		complete = work(run);
	}
	PG_CATCH();
	{
		ErrorData *error = take_error(memory);

		if (run->attempt.conversation.watch.child != NULL)
			rg_watch_stop(&run->attempt.conversation.watch);
		run->attempt.interruption = rg_transaction_met_another(error) ? RG_LOCKED_OUT : RG_UNDISTURBED;
		if (run->attempt.interruption == RG_UNDISTURBED)
			internal_failure(run, "done", error);
		complete = false;
	}
	PG_END_TRY();
	return complete;
}

/* The run, with its copy of the job, lives until the outcome is stored. */
static RgRun *
new_run(const RgJob *job)
{
	MemoryContext memory = AllocSetContextCreate(TopMemoryContext, "rivergen job", ALLOCSET_DEFAULT_SIZES);
	RgRun *run = MemoryContextAllocZero(memory, sizeof(RgRun));

	MemoryContextSwitchTo(memory);
	run->memory = memory;
	run->job = palloc(sizeof(RgJob));
	*run->job = *job;
	run->job->schema = job->schema ? pstrdup(job->schema) : NULL;
	run->started_at = GetCurrentTimestamp();
	run->attempt.check = check;
	run->attempt.argument = run;
	return run;
}

void
rg_run_job(const RgJob *job)
{
	MemoryContext previous = CurrentMemoryContext;
	RgRun *run = new_run(job);

	running = run;
	rg_watch_forget_cancel();
	pgstat_report_activity(STATE_RUNNING,
						   psprintf("rivergen: %s data source " INT64_FORMAT " (job " INT64_FORMAT ")",
									job->scans   ? "scanning"
									: job->tests ? "testing"
												 : "discovering",
									job->data_source_id, job->job_id));
	run->complete = guarded_work(run);
	rg_outcome_store_or_keep(run);
	running = NULL;
	rg_watch_forget_cancel();
	rg_pool_set_job(NULL);
	pgstat_report_activity(STATE_IDLE, NULL);
	MemoryContextSwitchTo(previous);
}
