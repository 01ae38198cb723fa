/*
 * worker.c — the life of a worker: it answers calls, claims jobs and runs them, one at a time, as long as
 * its database has work; then it stays idle for a while, and exits.
 */
#include "worker.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/utility.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "attempt.h"
#include "catalog/home.h"
#include "error.h"
#include "failure.h"
#include "outcome.h"
#include "inspect.h"
#include "keys.h"
#include "launcher.h"
#include "merge/merge.h"
#include "queue/claim.h"
#include "queue/databases.h"
#include "queue/health.h"
#include "queue/pending.h"
#include "queue/join.h"
#include "queue/pool.h"
#include "queue/queue.h"
#include "queue/calls.h"
#include "queue/retention.h"
#include "queue/schedule.h"
#include "queue/share.h"
#include "rotate.h"
#include "run.h"
#include "test.h"
#include "transaction.h"
#include "version.h"
#include "watch.h"
#include "wrapper.h"

/* How often each database gets a worker even without known work, after COMMIT PREPARED for example. */
#define POLL_SECONDS 60

/* How often a worker with jobs checks for due sources. */
#define SCHEDULE_CHECK_MS 1000

#define PRUNE_BATCHES 10

/* How long an idle worker stays: work that comes meanwhile need not wait for a process to start. */
#define IDLE_MS 1000

/* When the next worker starts after one that met a locked table. */
#define LOCKED_RETRY_MS 1000

/* How often an idle worker tries to store pending outcomes. */
#define PENDING_CHECK_MS 100

/* How soon a worker starts again for dropped jobs, and for tests that could not be ended. */
#define LEFT_BEHIND_MS 1000

#define CLAIM_TRIES    200
#define CLAIM_RETRY_MS 5

extern PGDLLEXPORT void rg_worker_main(Datum argument);

void
rg_worker_init(void)
{
	rg_attempt_init();
	rg_merge_init();
	if (process_shared_preload_libraries_in_progress)
		rg_launcher_init();
}

static void
refuse_requests(const char *message, const char *hint, bool may_know_keys)
{
	RgCall request;

	while (rg_call_take(&request))
	{
		/* A worker of another database asks whether this one knows a key. */
		if (request.kind == RG_CALL_KEY_KNOWN)
			rg_call_answer(&request, may_know_keys, 0, NULL, NULL);
		else
			rg_call_answer(&request, 0, RG_UNAVAILABLE, message, hint);
	}
}

static TimestampTz
next_poll(void)
{
	return TimestampTzPlusMilliseconds(GetCurrentTimestamp(), POLL_SECONDS * INT64CONST(1000));
}

static RgVersionFit
check_version(void)
{
	rg_transaction_begin();

	RgVersionFit fit = rg_version_fit();

	rg_transaction_commit();
	return fit;
}

/* Logs each version once, however many workers meet it. */
static void
log_version(const RgVersionFault *fault)
{
	if (rg_database_first_met(fault->version))
		ereport(LOG, (errmsg("rivergen does nothing in this database: %s", fault->message),
					  errdetail_log("%s", fault->detail), errhint("%s", fault->hint)));
}

/* Until library and script have the same version, the worker touches neither the catalog nor a source. */
static void
wait_for_version(void)
{
	rg_transaction_begin();

	RgVersionFault fault = rg_version_fault();

	log_version(&fault);
	refuse_requests(fault.message, fault.hint, true);
	rg_transaction_commit();
	rg_pending_forget_others(NULL, 0);
	rg_database_next_due(true, next_poll());
}

/*
 * In a copy of another database workers connect to no source and start no job until an operator allows it.
 */
static bool in_copy = false;

/*
 * Reads the tables for the first time. The transaction that has locked them may be one that waits for this
 * worker, with DROP EXTENSION behind it. So on an error all waiting callers are refused first.
 */
static void
begin_round(void)
{
	PG_TRY();
	{
		rg_transaction_begin();
		in_copy = !rg_home_is_here();
		if (!in_copy)
		{
			rg_job_rescue();
			rg_test_rescue();
		}
		rg_transaction_commit();
	}
	PG_CATCH();
	{
		refuse_requests("rivergen's catalog is locked by another transaction", "Try again when it has ended.",
						true);
		PG_RE_THROW();
	}
	PG_END_TRY();
}

/* The call is linked before the commit: a worker that can see the job must also see that a caller waits. */
static void
serve_discovery(const RgCall *request)
{
	rg_transaction_begin();

	int64 job_id = rg_job_for_request(request);

	if (job_id > 0)
		rg_call_link(request, job_id);
	rg_transaction_commit();
	if (job_id == RG_JOB_CACHED)
		rg_call_answer(request, 0, 0, NULL, NULL);
	else if (job_id > 0)
		rg_pool_make_way_within(request->organization_id);
	else
		rg_call_answer(request, 0, RG_CONFLICT, "the data source is not committed yet",
					   "Commit the transaction that created it, then discover.");
}

/* An operator that asks about keys gets the error itself. */
static void
answer_error(const RgCall *request, const ErrorData *error)
{
	RgFailure failure = {.message = error->message};

	if (request->kind == RG_CALL_TEST || request->kind == RG_CALL_DISCOVER ||
		rg_transaction_met_another(error))
		rg_failed_by_error(&failure, "the request could not be served", error);
	rg_call_answer(request, 0, RG_UNAVAILABLE, failure.message, failure.detail);
}

static void
serve(const RgCall *request)
{
	MemoryContext memory = CurrentMemoryContext;

	PG_TRY();
	{
		if (in_copy && (request->kind == RG_CALL_TEST || request->kind == RG_CALL_DISCOVER))
			rg_call_answer(request, 0, RG_UNAVAILABLE, "this database is a copy of another one",
						   "If it may connect to the data sources, an operator says so with "
						   "SELECT rivergen.acknowledge_copy().");
		else if (request->kind == RG_CALL_TEST)
			rg_test_serve(request);
		else if (request->kind == RG_CALL_DISCOVER &&
				 rg_pending_has_source(request->organization_id, request->data_source_id))
			rg_call_answer(
				request, 0, RG_UNAVAILABLE,
				"another transaction keeps the last discovery of the data source from being stored",
				"Try again when that transaction has ended.");
		else if (request->kind == RG_CALL_DISCOVER)
			serve_discovery(request);
		else if (request->kind == RG_CALL_INSPECT)
			rg_inspect_serve(request);
		else
			rg_keys_serve(request);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(memory);

		ErrorData *error = CopyErrorData();

		FlushErrorState();
		rg_transaction_abort();
		answer_error(request, error);
	}
	PG_END_TRY();
	if (request->kind == RG_CALL_TEST)
		rg_pool_set_test(0, 0);
}

static void
serve_requests(void)
{
	RgCall request;

	while (rg_call_take(&request))
		serve(&request);
}

static bool
must_leave(void)
{
	return ShutdownRequestPending || (rg_pool_notices() & RG_NOTICE_EVACUATE) != 0 || rg_wrapper_has_run();
}

/*
 * The slot names the job before the claim commits, or another worker would take the job for one left by a
 * crash.
 */
static bool
claim(RgJob *job, bool *another_claims)
{
	bool more = false;
	MemoryContext memory = CurrentMemoryContext;

	rg_transaction_begin();
	MemoryContextSwitchTo(memory);

	bool claimed = rg_job_claim(job, &more);

	if (claimed)
		rg_pool_set_job(job);
	rg_transaction_commit();
	if (more && claimed)
		rg_database_wake(MyDatabaseId);
	*another_claims = more && !claimed;
	return claimed;
}

/*
 * While another worker is claiming, the jobs of its organization are locked. A worker that left before that
 * commit might leave them without any worker.
 */
static bool
claim_soon(RgJob *job)
{
	bool another_claims = false;

	for (int tries = 0; !claim(job, &another_claims); tries++)
	{
		if (!another_claims || tries == CLAIM_TRIES || must_leave())
			return false;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, CLAIM_RETRY_MS,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	return true;
}

/* Puts back jobs whose outcome was dropped because a client's transaction locked their rows. */
static void
requeue_dropped_jobs(void)
{
	if (!rg_pending_any_dropped())
		return;
	rg_transaction_begin();
	rg_job_rescue();
	rg_transaction_commit();
}

static bool
queue_due(void)
{
	rg_transaction_begin();

	bool queued = rg_due_queue_discoveries();

	queued |= rg_health_queue_tests();

	rg_transaction_commit();
	return queued;
}

/* Deletes a few batches. Later workers delete the rest. */
static void
prune_jobs(void)
{
	bool more = true;

	for (int batch = 0; more && batch < PRUNE_BATCHES && !must_leave() && !rg_pool_is_called(); batch++)
	{
		rg_transaction_begin();
		more = rg_jobs_prune();
		rg_transaction_commit();
	}
}

/* Works until nothing is left. Returns a time before the last check for work. */
static TimestampTz
work(void)
{
	static MemoryContext memory = NULL;

	if (memory == NULL)
		memory = AllocSetContextCreate(TopMemoryContext, "rivergen worker", ALLOCSET_DEFAULT_SIZES);

	TimestampTz checked_at = GetCurrentTimestamp();
	TimestampTz next_check = checked_at;

	while (!must_leave())
	{
		RgJob job;

		MemoryContextSwitchTo(memory);
		checked_at = GetCurrentTimestamp();

		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		(void) rg_outcome_store_pending();
		if (check_version() != RG_VERSION_FITS)
			break;
		serve_requests();
		/* Checked also while jobs are left: sources of other organizations become due meanwhile. */
		if (checked_at >= next_check)
		{
			(void) queue_due();
			requeue_dropped_jobs();
			next_check = TimestampTzPlusMilliseconds(checked_at, SCHEDULE_CHECK_MS);
		}
		if (!claim_soon(&job))
		{
			if (queue_due())
				continue;
			break;
		}
		rg_run_job(&job);
		MemoryContextReset(memory);
		if (rg_share_makes_way())
			break;
	}
	/* The next worker does what is left. */
	if (must_leave() || check_version() != RG_VERSION_FITS)
		rg_database_wake(MyDatabaseId);
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextReset(memory);
	return checked_at;
}

/*
 * Use the time of the last check as the lower bound, or work that became due since then would wait for the
 * next poll.
 */
static void
report_next_due(TimestampTz checked_at)
{
	rg_transaction_begin();

	TimestampTz next = rg_queue_next_due(checked_at);
	bool is_left = rg_test_is_left();

	rg_transaction_commit();
	if (is_left || rg_pending_any_dropped())
		next = Min(next, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LEFT_BEHIND_MS));
	rg_database_next_due(true, Min(next, next_poll()));
}

/*
 * Returns whether the worker was called. Backends can call it from the start, for tidying up may take a
 * while.
 */
static bool
stay_idle(TimestampTz checked_at)
{
	TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), IDLE_MS);
	long left;
	bool stored = false;

	rg_pool_set_idle();
	report_next_due(checked_at);
	rg_rotate_resume();
	prune_jobs();
	pgstat_report_activity(STATE_IDLE, NULL);
	while (!must_leave() && !rg_pool_is_called() && !stored &&
		   ((left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until)) > 0 ||
			rg_outcome_any_pending()))
	{
		long most = rg_outcome_any_pending() ? PENDING_CHECK_MS : IDLE_MS;

		left = left > 0 ? Min(left, most) : most;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, left, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		stored = rg_outcome_store_pending(); /* now other jobs of its source can be claimed */
	}
	return rg_pool_end_idle() || stored;
}

static void
leave_database(void)
{
	refuse_requests("the extension rivergen is not committed in this database",
					"Commit the transaction that created it, then try again.", false);
	rg_pending_forget_others(NULL, 0);
	rg_database_next_due(false, next_poll());
}

/*
 * Makes one round, as a new worker does: changes since the last round are seen. False: the worker must not
 * stay idle.
 */
static bool
check_and_work(TimestampTz *checked_at)
{
	RgVersionFit fit = check_version();

	if (fit == RG_VERSION_ABSENT)
		leave_database();
	else if (fit == RG_VERSION_DIFFERS)
		wait_for_version();
	if (fit != RG_VERSION_FITS)
		return false;
	begin_round();
	if (in_copy)
	{
		serve_requests();
		rg_database_next_due(true, next_poll());
		return false;
	}
	*checked_at = work();
	return check_version() == RG_VERSION_FITS;
}

/*
 * A table that another session has locked ends this worker, and the next one starts soon, before the next
 * poll. A worker with pending outcomes stays, for they would be lost.
 */
static void
outlive_lock(void)
{
	MemoryContextSwitchTo(TopMemoryContext);

	ErrorData *error = CopyErrorData();

	if (!rg_transaction_met_another(error))
		PG_RE_THROW();
	if (!rg_outcome_any_pending() || must_leave())
	{
		rg_database_next_due(true, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOCKED_RETRY_MS));
		PG_RE_THROW();
	}
	FlushErrorState();
	rg_transaction_abort();
	FreeErrorData(error);
	rg_pool_set_job(NULL); /* its claim was not committed */
	(void) rg_pool_end_idle();
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, LOCKED_RETRY_MS,
					 PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
}

/* Returns whether the worker makes another round. */
static bool
work_and_idle(void)
{
	volatile bool again = true;
	TimestampTz checked_at;

	PG_TRY();
	{
		again = check_and_work(&checked_at) && stay_idle(checked_at);
	}
	PG_CATCH();
	{
		outlive_lock();
	}
	PG_END_TRY();
	return again;
}

void
rg_worker_main(Datum argument)
{
	uint64 generation;
	Oid database;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	pqsignal(SIGINT, rg_watch_handle_cancel);
	BackgroundWorkerUnblockSignals();
	memcpy(&generation, MyBgworkerEntry->bgw_extra, sizeof(generation));
	if (!rg_pool_attach(DatumGetInt32(argument), generation, &database))
		proc_exit(0);
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	rg_transaction_set_session();

	while (work_and_idle())
		;
	proc_exit(0);
}
