/*
 * wait.c — a caller submits a call in shared memory and sleeps until a worker answers it.
 *
 * The caller's transaction is not involved: the worker works in transactions of its own. The condition
 * variable wakes the caller. After a fifth of a second, then once a second, the caller also checks whether
 * the job has ended, for a worker may die between its commit and its answer.
 *
 * A caller whose time has run out clears for_caller in the job's row, so that the job goes on without it,
 * and stays linked until that commits: at every moment either a caller waits for the job, or the row says
 * that it needs none.
 */
#include "wait.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#include "catalog/identity.h"
#include "compat.h"
#include "test_limits.h"
#include "wait_limits.h"
#include "databases.h"
#include "definition.h"
#include "error.h"
#include "blocking.h"
#include "pool.h"
#include "heartbeat.h"
#include "long_answer.h"
#include "calls.h"
#include "shared.h"
#include "sql.h"

#define CHECK_INTERVAL_MS 1000

/* Most jobs of healthy sources end within this time, so that none has to be put off for a caller. */
#define PATIENCE_MS 200

/* Calls of this transaction whose callers have stopped waiting, as RgCall. */
static List *left_behind = NIL;

/* Returns false, for the caller to return. */
static bool
refuse(RgAnswer *answer, const char *message, const char *detail, const char *hint)
{
	answer->status = RG_UNAVAILABLE;
	rg_copy_message(answer->message, message);
	answer->detail = detail;
	rg_copy_message(answer->hint, hint);
	return false;
}

static bool
has_workers(Oid database, RgAnswer *answer)
{
	const char *name;

	if (rg_shared == NULL)
		return refuse(answer, "rivergen's workers are not running",
					  "The library is not in shared_preload_libraries.",
					  "Add shared_preload_libraries = 'rivergen' to postgresql.conf and restart the server.");
	if (RecoveryInProgress())
		return refuse(answer, "a standby has no workers of rivergen", RG_STANDBY_DETAIL, RG_STANDBY_HINT);
	name = get_database_name(database);
	if (name == NULL || !rg_database_is_served(name))
		return refuse(answer, "rivergen's workers are switched off for this database", NULL,
					  "See the settings rivergen.enabled and rivergen.databases.");
	return true;
}

static RgCallSlot *
find_free_slot(void)
{
	for (int i = 0; i < RG_MAX_CALLS; i++)
	{
		if (rg_shared->requests[i].state == RG_CALL_FREE)
			return &rg_shared->requests[i];
	}
	return NULL;
}

/* NULL: too many callers wait already; *limit_met is the limit. */
static RgCallSlot *
submit(RgCall *request, RgWaitLimit *limit_met)
{
	LWLockAcquire(rg_shared->lock, LW_EXCLUSIVE);

	bool refused = rg_wait_limits_reached(request, limit_met) || rg_call_tests_exceeded(request, limit_met);
	RgCallSlot *slot = refused ? NULL : find_free_slot();

	if (slot != NULL)
	{
		request->slot = slot - rg_shared->requests;
		request->generation = ++rg_shared->generation;
		rg_call_tests_count(request);
		slot->state = RG_CALL_NEW;
		slot->database = request->database;
		slot->since = GetCurrentTimestamp();
		slot->passed_until = 0;
		slot->request = *request;
		slot->id = 0;
		slot->status = 0;
	}
	LWLockRelease(rg_shared->lock);
	return slot;
}

/* Returns false, for the caller to return. */
static bool
refuse_test(const RgWaitLimit *limit_met, RgAnswer *answer)
{
	(void) refuse(answer, "the organization has tested too many connections within a minute",
				  psprintf("%d were tested, as many as %s allows.", limit_met->limit, limit_met->setting),
				  psprintf("Try again in %d seconds.", limit_met->seconds));
	answer->status = limit_met->status;
	answer->seconds = limit_met->seconds;
	return false;
}

/* Returns false, for the caller to return. Without a setting, no slot is left. */
static bool
refuse_waiting(const RgWaitLimit *limit_met, RgAnswer *answer)
{
	answer->crowded = true;
	if (limit_met->setting == NULL)
		return refuse(answer, "too many callers are waiting for workers",
					  psprintf("%d requests are waiting.", RG_MAX_CALLS),
					  "Try again later, or use wait => false.");
	(void) refuse(answer,
				  limit_met->status == RG_TOO_MANY
					  ? "too many callers of the organization are waiting for workers"
					  : "too many callers are waiting for workers",
				  psprintf("%d are waiting, as many as %s allows.", limit_met->limit, limit_met->setting),
				  "Try again later; a discovery need not be waited for (wait => false).");
	answer->status = limit_met->status;
	return false;
}

/*
 * Frees the slot, after success and after errors. If this was the last caller, the worker is notified: a job
 * made for callers only then ends.
 */
static void
leave(int code, Datum argument)
{
	const RgCall *request = (const RgCall *) DatumGetPointer(argument);
	RgCallSlot *slot = &rg_shared->requests[request->slot];
	int64 job_id = 0;

	LWLockAcquire(rg_shared->lock, LW_EXCLUSIVE);
	if (slot->request.generation == request->generation)
	{
		if (slot->state == RG_CALL_LINKED)
			job_id = slot->id;
		slot->state = RG_CALL_FREE;
	}
	LWLockRelease(rg_shared->lock);
	if (job_id != 0 && !rg_call_waited_for(job_id))
		rg_pool_notify(job_id, RG_NOTICE_ABANDONED);
}

static bool
any_worker(void)
{
	bool found = false;

	LWLockAcquire(rg_shared->lock, LW_SHARED);
	for (int i = 0; i < RG_MAX_POOL; i++)
		found |= rg_shared->workers[i].used;
	LWLockRelease(rg_shared->lock);
	return found;
}

static bool
job_has_ended(int64 organization_id, int64 job_id)
{
	static RgStatement find = {
		.text = "SELECT FROM rivergen_catalog.job WHERE organization_id = $1 AND job_id = $2 "
				"AND status IN ('queued', 'running')",
	};

	return rg_spi_execute_latest(&find, rg_int8(organization_id), rg_int8(job_id)) == 0;
}

static RgCallSlot
read_slot(RgCallSlot *slot)
{
	RgCallSlot copy;

	LWLockAcquire(rg_shared->lock, LW_SHARED);
	copy = *slot;
	LWLockRelease(rg_shared->lock);
	return copy;
}

/*
 * If no worker can be started, an impatient caller asks a worker to put off a scheduled test, or a job whose
 * source has not answered yet.
 */
static RgStart
start_worker(RgCallSlot *slot, bool impatient)
{
	RgCallSlot copy = read_slot(slot);

	if (copy.state != RG_CALL_NEW)
		return RG_STARTED; /* a worker was there */

	RgStart start = rg_call_may_be_taken(slot) ? rg_pool_start(copy.database) : RG_START_LATER;

	if (start == RG_START_LATER && impatient)
		rg_pool_make_room(copy.database, copy.request.organization_id);
	return start;
}

/* ---- leaving a job behind ---- */

static void
leave_at_end(XactEvent event, void *argument)
{
	ListCell *cell;

	(void) argument;
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT && event != XACT_EVENT_PREPARE)
		return;
	foreach (cell, left_behind)
		leave(0, PointerGetDatum(lfirst(cell)));
	left_behind = NIL; /* its memory goes with the transaction */
}

void
rg_wait_init(void)
{
	RegisterXactCallback(leave_at_end, NULL);
}

/* A call that no worker has taken has no job and can be withdrawn. */
static bool
withdraw(RgCallSlot *slot)
{
	bool withdrawn;

	LWLockAcquire(rg_shared->lock, LW_EXCLUSIVE);
	withdrawn = slot->state == RG_CALL_NEW;
	if (withdrawn)
		slot->state = RG_CALL_FREE;
	LWLockRelease(rg_shared->lock);
	return withdrawn;
}

/* False: the job has ended, or is newer than this transaction's snapshot. */
static bool
keep_job(int64 organization_id, int64 job_id)
{
	static RgStatement keep = {
		.text =
			"UPDATE rivergen_catalog.job SET for_caller = false WHERE organization_id = $1 AND job_id = $2 "
			"AND status IN ('queued', 'running')",
	};

	return rg_spi_execute(&keep, rg_int8(organization_id), rg_int8(job_id)) > 0;
}

static void
leave_behind(const RgCall *request)
{
	MemoryContext previous = MemoryContextSwitchTo(TopTransactionContext);
	RgCall *copy = palloc(sizeof(*copy));

	*copy = *request;
	left_behind = lappend(left_behind, copy);
	MemoryContextSwitchTo(previous);
}

/* Called when the time has run out. False: the caller must wait on, since the answer is about to come. */
static bool
give_up(RgCallSlot *slot, const RgCallSlot *copy)
{
	if (copy->state == RG_CALL_NEW)
		return withdraw(slot);
	if (copy->state != RG_CALL_LINKED || !keep_job(copy->request.organization_id, copy->id))
		return false;
	leave_behind(&copy->request);
	return true;
}

/* ---- waiting ---- */

void
rg_wait_check(void)
{
	if (MyProcPort != NULL && WaitEventSetCanReportClosed() && !pq_check_connection())
	{
		ClientConnectionLost = true;
		InterruptPending = true;
		CHECK_FOR_INTERRUPTS();
	}
	if (rg_wait_blocks_another())
		rg_fail(RG_UNAVAILABLE, "another session waits for a lock that this transaction holds",
				"A worker might in turn wait for that session, and this call would never end.",
				"Try again when that session has its turn.");
}

static long
next_wakeup(TimestampTz until, long interval_ms)
{
	long left = until != 0 ? TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until) : interval_ms;

	return Max(1, Min(left, interval_ms));
}

static RgCallSlot
sleep_until_answered(RgCallSlot *slot, TimestampTz until, bool *left)
{
	RgCallSlot copy;
	long interval_ms = PATIENCE_MS;

	ConditionVariablePrepareToSleep(&slot->done);
	copy = read_slot(slot);
	while (copy.state != RG_CALL_DONE)
	{
		bool timed_out =
			ConditionVariableTimedSleep(&slot->done, next_wakeup(until, interval_ms), PG_WAIT_EXTENSION);

		if (timed_out)
			interval_ms = CHECK_INTERVAL_MS;

		/* Before the slot is read, for this may consume the wake-up of an answer. */
		if (timed_out)
			rg_wait_check();
		copy = read_slot(slot);
		if (timed_out && rg_heartbeat_is_lost(&copy))
			rg_fail(RG_UNAVAILABLE, "the worker that serves this call does not move any more", NULL,
					"The server's log names its process.");
		if (timed_out && copy.state == RG_CALL_LINKED && job_has_ended(copy.request.organization_id, copy.id))
			break;
		if (timed_out && copy.state == RG_CALL_NEW && get_database_name(copy.database) == NULL)
			break; /* the database was dropped: no worker will take the call */
		if (timed_out && copy.state == RG_CALL_NEW)
			(void) start_worker(slot, true);
		if (until != 0 && copy.state != RG_CALL_DONE && GetCurrentTimestamp() >= until)
		{
			*left = give_up(slot, &copy);
			if (*left)
				break;
			until = copy.state == RG_CALL_LINKED ? 0 : until;
		}
	}
	ConditionVariableCancelSleep();
	return copy;
}

static bool
wait_for_answer(RgCallSlot *slot, TimestampTz until, RgAnswer *answer)
{
	RgCallSlot answered;

	if (start_worker(slot, false) == RG_NOT_STARTED && !any_worker())
		return refuse(answer, "no worker could be started", "All background worker slots are in use.",
					  "Raise max_worker_processes and restart the server.");
	answered = sleep_until_answered(slot, until, &answer->left);
	answer->id = answered.id;
	answer->status = answered.status;
	memcpy(answer->message, answered.message, RG_MESSAGE_BYTES);
	memcpy(answer->hint, answered.hint, RG_MESSAGE_BYTES);
	return answer->status == 0;
}

bool
rg_queue_try(RgCall *request, RgAnswer *answer)
{
	bool served;

	memset(answer, 0, sizeof(*answer));
	if (!OidIsValid(request->database))
		request->database = MyDatabaseId;
	if (!has_workers(request->database, answer))
		return false;
	request->gateway = rg_session_is_gateway();

	RgWaitLimit limit_met = {0};
	RgCallSlot *slot = submit(request, &limit_met);
	Datum argument = PointerGetDatum(request);

	if (slot == NULL)
		return limit_met.seconds > 0 ? refuse_test(&limit_met, answer) : refuse_waiting(&limit_met, answer);
	PG_ENSURE_ERROR_CLEANUP(leave, argument);
	{
		served = wait_for_answer(slot, request->until, answer);
	}
	PG_END_ENSURE_ERROR_CLEANUP(leave, argument);
	if (!answer->left)
		leave(0, argument);
	return served;
}

/*
 * The worker's transaction is not the caller's, so PostgreSQL would not refuse it in a read-only
 * transaction. PostgREST runs a GET read-only.
 */
static void
refuse_read_only(void)
{
	if (XactReadOnly && !RecoveryInProgress())
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("cannot have rivergen's workers change anything in a read-only transaction"),
						errhint("Over HTTP this takes POST.")));
}

static void
fail_as_refused(const RgAnswer *answer)
{
	rg_error_try_after(answer->seconds);
	rg_fail(answer->status, answer->message, answer->detail, *answer->hint ? answer->hint : NULL);
}

void
rg_queue_ask(RgCall *request, RgAnswer *answer)
{
	refuse_read_only();
	if (!rg_queue_try(request, answer))
		fail_as_refused(answer);
}

int64
rg_queue_discover_and_wait(int64 organization_id, int64 data_source_id, const char *schema, bool refresh,
						   bool full_read, int64 user_id, TimestampTz until, bool *ended)
{
	RgCall request = {.kind = RG_CALL_DISCOVER,
					  .until = until,
					  .organization_id = organization_id,
					  .data_source_id = data_source_id,
					  .user_id = user_id,
					  .refresh = refresh,
					  .full_read = full_read,
					  .scoped = schema != NULL};
	RgAnswer answer;

	if (schema != NULL && strlcpy(request.schema, schema, RG_SCOPE_BYTES) >= RG_SCOPE_BYTES)
		rg_fail(RG_BAD_REQUEST, "schema_name is too long", NULL, NULL);
	refuse_read_only();

	bool served = rg_queue_try(&request, &answer);
	bool turned_away = answer.crowded && request.gateway;

	if (!served && !turned_away)
		fail_as_refused(&answer);
	*ended = served && !answer.left;
	return answer.id;
}

int64
rg_queue_key_create(void)
{
	RgCall request = {.kind = RG_CALL_KEY_CREATE};
	RgAnswer answer;

	rg_queue_ask(&request, &answer);
	return answer.id;
}

char *
rg_queue_test_and_wait(int64 organization_id, int64 data_source_id, const RgDefinitionToTest *definition,
					   int64 user_id, char **databases)
{
	RgCall request = {.kind = RG_CALL_TEST,
					  .lists = databases != NULL,
					  .organization_id = organization_id,
					  .data_source_id = data_source_id,
					  .user_id = user_id,
					  .login_role = GetSessionUserId()};
	dsm_segment *segment = definition != NULL ? rg_definition_share(definition, &request.definition) : NULL;
	dsm_segment *list = databases != NULL ? rg_long_answer_begin(&request.long_answer) : NULL;
	RgAnswer answer;

	rg_queue_ask(&request, &answer);
	if (segment != NULL)
		dsm_detach(segment);
	if (databases != NULL)
		*databases = rg_long_answer_take(list);
	return pstrdup(answer.message);
}
