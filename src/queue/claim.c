/*
 * claim.c — jobs as workers see them. Each function is part of the caller's transaction.
 *
 * Claiming has two steps. The first chooses the organization whose last claim is longest ago, and locks its
 * row of organization_queue; other workers skip a locked one. The second chooses the organization's next job
 * with a snapshot taken under that lock. So an organization with ten thousand jobs does not starve one with
 * a single job, and the limits are exact.
 *
 * A job's attempt number is its fence: a worker may only end the attempt that it claimed.
 */
#include "claim.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "bounds.h"
#include "catalog/event.h"
#include "catalog/quarantine.h"
#include "delay.h"
#include "pending.h"
#include "jobs.h"
#include "pool.h"
#include "queue.h"
#include "calls.h"
#include "sql.h"

static int retry_delay_ms = 5 * 1000;
static int max_retry_delay_ms = 3600 * 1000;

void
rg_claim_init(void)
{
	DefineCustomIntVariable("rivergen.retry_delay", "Delay before a failed discovery is tried again.",
							"It is doubled at each try, and about a half of it is left to chance.",
							&retry_delay_ms, 5 * 1000, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_MS, NULL, NULL, NULL);
	DefineCustomIntVariable(
		"rivergen.max_retry_delay", "Longest delay before a failed discovery is tried again.", NULL,
		&max_retry_delay_ms, 3600 * 1000, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_MS, NULL, NULL, NULL);
}

/*
 * Scheduled tests delay no other job: they wait for all other jobs of their source, and count only against
 * each other. $2: hosts at their limit of connections, which does not bind awaited jobs. $3: awaited jobs
 * only.
 */
#define AWAITED "(j.for_caller OR j.awaited)"

#define CLAIMABLE                                                                                            \
	"j.status = 'queued' AND j.run_after <= now() "                                                          \
	"AND NOT EXISTS (SELECT FROM rivergen_catalog.job r WHERE r.organization_id = j.organization_id "        \
	"AND r.data_source_id = j.data_source_id AND r.status = 'running' "                                      \
	"AND (r.kind <> 'test' OR j.kind = 'test')) "                                                            \
	"AND (cardinality($2) = 0 OR " AWAITED " OR NOT EXISTS (SELECT FROM rivergen_catalog.data_source d "     \
	"WHERE d.organization_id = j.organization_id AND d.data_source_id = j.data_source_id "                   \
	"AND rivergen_catalog.host_keys(d.host, d.port) && $2)) AND (NOT $3 OR " AWAITED ") "

#define UNDER_LIMIT                                                                                          \
	"q.organization_id <> ALL ($4) "                                                                         \
	"AND EXISTS (SELECT FROM rivergen_catalog.job j WHERE j.organization_id = q.organization_id "            \
	"AND " CLAIMABLE " AND (j.kind <> 'test' OR (SELECT count(*) FROM rivergen_catalog.job r "               \
	"WHERE r.organization_id = q.organization_id AND r.status = 'running' AND r.job_id <> ALL ($5)) < $1)) " \
	"AND (SELECT count(*) FROM rivergen_catalog.job r WHERE r.organization_id = q.organization_id "          \
	"AND r.status = 'running' AND r.kind <> 'test' AND r.job_id <> ALL ($5)) < $1 "

/* The arguments of the statements about one job. */
#define KEY_OF(job) rg_int8((job)->organization_id), rg_int8((job)->job_id), rg_int4((job)->attempt)

/* The position in the list of organizations. */
typedef struct Turn
{
	RgBounds bounds;
	bool awaited; /* only organizations whose callers wait */
	TimestampTz last_claimed_at;
	int64 organization_id;
	int64 passed; /* organizations of which no job could be claimed */
} Turn;

/* Chooses the next organization after the last choice. */
static bool
choose_organization(Turn *turn)
{
#define CHOOSE(which)                                                                                        \
	"SELECT q.organization_id, q.last_claimed_at FROM rivergen_catalog.organization_queue q "                \
	"WHERE " which UNDER_LIMIT "AND (q.last_claimed_at, q.organization_id) > ($6, $7) "                      \
	"ORDER BY q.last_claimed_at, q.organization_id LIMIT 1 FOR UPDATE OF q SKIP LOCKED"

	static RgStatement any = {
		.text = CHOOSE(""),
	};
	static RgStatement awaited = {
		.text = CHOOSE("q.organization_id = ANY ($8) AND "),
	};
	RgArgument arguments[] = {rg_int8(rg_queue_organization_limit()),
							  rg_int8_array(turn->bounds.hosts),
							  rg_bool(turn->awaited),
							  rg_int8_array(turn->bounds.organizations),
							  rg_int8_array(turn->bounds.pending),
							  rg_timestamptz(turn->last_claimed_at),
							  rg_int8(turn->organization_id),
							  rg_int8_array(turn->bounds.awaited)};
	int count = lengthof(arguments) - (turn->awaited ? 0 : 1);

	if (rg_spi_execute_list(turn->awaited ? &awaited : &any, arguments, count) == 0)
		return false;
	turn->organization_id = rg_spi_int64(0, 1);
	turn->last_claimed_at = rg_spi_int64(0, 2);
	return true;
}

/*
 * Is there an organization with claimable jobs that was skipped because another worker is claiming for it?
 */
static bool
another_claims(const Turn *turn)
{
	static RgStatement count = {
		.text = "SELECT count(*) FROM rivergen_catalog.organization_queue q WHERE " UNDER_LIMIT,
	};

	rg_spi_execute(&count, rg_int8(rg_queue_organization_limit()), rg_int8_array(turn->bounds.hosts),
				   rg_bool(false), rg_int8_array(turn->bounds.organizations),
				   rg_int8_array(turn->bounds.pending));
	return rg_spi_int64(0, 1) > turn->passed;
}

/* How often a job is put off for callers; after that it is done in any case. */
#define MOST_PUT_OFF 3

static void
read_job(RgJob *job)
{
	job->job_id = rg_spi_int64(0, 1);
	job->data_source_id = rg_spi_int64(0, 2);
	job->attempt = rg_spi_int32(0, 3);
	job->schema = rg_spi_text(0, 4);
	job->full_read = rg_spi_bool(0, 5);
	job->for_caller = rg_spi_bool(0, 6);
	job->scans = rg_spi_bool(0, 7);
	job->tests = rg_spi_bool(0, 8);
	job->scheduled = rg_spi_bool(0, 9);
	job->awaited = rg_spi_bool(0, 10);
	job->yields = job->tests || (!job->awaited && rg_spi_int32(0, 11) < MOST_PUT_OFF);
	job->hosts = rg_host_keys_read(0, 12);
}

static bool
choose_job(const Turn *turn, RgJob *job)
{
	static RgStatement choose = {
		.text =
			"SELECT j.job_id, j.data_source_id, j.attempts + 1, j.schema_name, j.full_read, j.for_caller, "
			"j.kind = 'scan', j.kind = 'test', j.requested_by_user_id IS NULL AND NOT j.for_caller, " AWAITED
			", j.times_put_off, (SELECT rivergen_catalog.host_keys(d.host, d.port) FROM rivergen_catalog.data_source d "
			"WHERE d.organization_id = j.organization_id AND d.data_source_id = j.data_source_id) "
			"FROM rivergen_catalog.job j WHERE j.organization_id = $4 AND " CLAIMABLE
			"AND (SELECT count(*) FROM rivergen_catalog.job r WHERE r.organization_id = $4 "
			"AND r.status = 'running' AND r.kind <> 'test' AND r.job_id <> ALL ($5)) < $1 "
			"AND (j.kind <> 'test' OR (SELECT count(*) FROM rivergen_catalog.job r WHERE r.organization_id = $4 "
			"AND r.status = 'running' AND r.job_id <> ALL ($5)) < $1) "
			"ORDER BY " AWAITED " DESC, j.requested_by_user_id IS NULL, j.kind = 'test', "
			"j.run_after, j.job_id "
			"LIMIT 1 FOR UPDATE OF j SKIP LOCKED",
	};

	if (rg_spi_execute(&choose, rg_int8(rg_queue_organization_limit()), rg_int8_array(turn->bounds.hosts),
					   rg_bool(turn->awaited), rg_int8(turn->organization_id),
					   rg_int8_array(turn->bounds.pending)) == 0)
		return false;
	job->organization_id = turn->organization_id;
	read_job(job);
	return true;
}

/* Chooses again if a worker of another database has taken the host's last connection meanwhile. */
static bool
take_job(Turn *turn, RgJob *job)
{
	while (choose_job(turn, job))
	{
		if (rg_bounds_take_hosts(&job->hosts, job->awaited))
			return true;
		turn->bounds = rg_pool_bounds();
	}
	return false;
}

static void
mark_running(const RgJob *job)
{
	static RgStatement mark = {
		.text = "UPDATE rivergen_catalog.job SET status = 'running', attempts = $3, started_at = "
				"clock_timestamp(), error_code = NULL, error_message = NULL, error_detail = NULL, "
				"sandbox_level = NULL, sandbox_missing = NULL, dialed = NULL "
				"WHERE organization_id = $1 AND job_id = $2",
	};
	static RgStatement served = {
		.text = "UPDATE rivergen_catalog.organization_queue SET last_claimed_at = clock_timestamp() "
				"WHERE organization_id = $1",
	};

	rg_spi_execute(&mark, KEY_OF(job));
	rg_spi_execute(&served, rg_int8(job->organization_id));
}

static bool
others_are_left(const Turn *turn, int64 job_id)
{
	static RgStatement find = {
		.text = "SELECT FROM rivergen_catalog.job j WHERE j.job_id <> $1 AND " CLAIMABLE " LIMIT 1",
		.options = CURSOR_OPT_GENERIC_PLAN,
	};

	return rg_spi_execute(&find, rg_int8(job_id), rg_int8_array(turn->bounds.hosts), rg_bool(false)) > 0;
}

/*
 * All jobs of an organization may be locked by a client's transaction: then the next organization is tried.
 */
static bool
claim_of(Turn *turn, RgJob *job)
{
	for (; choose_organization(turn); turn->passed++)
	{
		if (!take_job(turn, job))
			continue;
		mark_running(job);
		return true;
	}
	return false;
}

/* Awaited jobs come first, of whichever organization. */
bool
rg_job_claim(RgJob *job, bool *more)
{
	RgBounds bounds = rg_pool_bounds();
	Turn first = {.bounds = bounds, .awaited = true, .last_claimed_at = DT_NOBEGIN};
	Turn turn = {.bounds = bounds, .last_claimed_at = DT_NOBEGIN};

	if ((bounds.has_awaited && claim_of(&first, job)) || claim_of(&turn, job))
	{
		*more = others_are_left(&turn, job->job_id);
		return true;
	}
	*more = another_claims(&turn);
	if (turn.bounds.has_hosts)
		rg_bounds_wait_for_host(&turn.bounds);
	if (!*more && bounds.has_awaited)
		rg_calls_pass_over();
	return false;
}

#define MINE "WHERE organization_id = $1 AND job_id = $2 AND attempts = $3 AND status = 'running'"

bool
rg_job_is_for_callers(const RgJob *job)
{
	static RgStatement find = {
		.text = "SELECT FROM rivergen_catalog.job " MINE " AND for_caller",
	};
	return rg_spi_execute(&find, KEY_OF(job)) > 0;
}

void
rg_job_record_sandbox(const RgJob *job, const char *level, const char *missing, const char *dialed)
{
	static RgStatement record = {
		.text =
			"UPDATE rivergen_catalog.job SET sandbox_level = $4, sandbox_missing = string_to_array($5, ','), "
			"dialed = $6::jsonb " MINE,
	};

	rg_spi_execute(&record, KEY_OF(job), rg_text(level), rg_text(missing), rg_text(dialed));
}

void
rg_job_release(const RgJob *job)
{
	static RgStatement release = {
		.text =
			"UPDATE rivergen_catalog.job SET status = 'queued', attempts = attempts - 1, started_at = NULL, "
			"for_caller = false " MINE,
	};
	rg_spi_execute(&release, KEY_OF(job));
}

/* How often, beyond max_retries, a job starts again because its source was changed meanwhile. */
#define MAX_CHANGES 5

bool
rg_job_begin_again(const RgJob *job)
{
	static RgStatement begin_again = {
		.text = "UPDATE rivergen_catalog.job SET status = 'queued', started_at = NULL, for_caller = false, "
				"error_code = '" RG_CHANGED_CODE "', "
				"error_message = 'the data source was changed while it was read' " MINE
				" AND EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1 "
				"AND d.data_source_id = job.data_source_id AND d.max_retries + $4 >= $3)",
	};

	return rg_spi_execute(&begin_again, KEY_OF(job), rg_int4(MAX_CHANGES)) > 0;
}

void
rg_job_put_off(const RgJob *job, TimestampTz until)
{
	static RgStatement put_off = {
		.text =
			"UPDATE rivergen_catalog.job SET status = 'queued', attempts = attempts - 1, started_at = NULL, "
			"run_after = $4 " MINE,
	};

	rg_spi_execute(&put_off, KEY_OF(job), rg_timestamptz(until));
}

/*
 * A source that has not answered for long hangs and can wait; one that was only just asked is asked again
 * soon. A test can wait in any case.
 */
void
rg_job_give_way(const RgJob *job, TimestampTz latest)
{
	static RgStatement give_way = {
		.text =
			"UPDATE rivergen_catalog.job SET status = 'queued', attempts = attempts - 1, started_at = NULL, "
			"times_put_off = times_put_off + 1, run_after = CASE WHEN kind = 'test' THEN $4 "
			"ELSE least($4, clock_timestamp() + (clock_timestamp() - started_at)) END " MINE,
	};

	rg_spi_execute(&give_way, KEY_OF(job), rg_timestamptz(latest));
}

void
rg_job_supersede_tests(const RgJob *job)
{
	static RgStatement forget = {
		.text = "DELETE FROM rivergen_catalog.job WHERE organization_id = $1 AND data_source_id = $2 "
				"AND job_id < $3 AND kind = 'test' AND status IN ('succeeded', 'cancelled')",
	};

	rg_spi_execute(&forget, rg_int8(job->organization_id), rg_int8(job->data_source_id),
				   rg_int8(job->job_id));
}

RgJobStanding
rg_job_standing(const RgJob *job, bool lock)
{
	static RgStatement find = {
		.text = "SELECT j.cancel_requested, d.deleted_at IS NOT NULL FROM rivergen_catalog.job j "
				"JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id) "
				"WHERE j.organization_id = $1 AND j.job_id = $2 AND j.attempts = $3 AND j.status = 'running'",
	};
	static RgStatement lock_row = {
		.text = "SELECT FROM rivergen_catalog.job " MINE " FOR UPDATE",
	};
	if (lock && rg_spi_execute(&lock_row, KEY_OF(job)) == 0)
		return RG_JOB_LOST;
	if (rg_spi_execute(&find, KEY_OF(job)) == 0)
		return RG_JOB_LOST;
	if (rg_spi_bool(0, 1))
		return RG_JOB_CANCEL_REQUESTED;
	return rg_spi_bool(0, 2) ? RG_JOB_SOURCE_DELETED : RG_JOB_MINE;
}

static void
emit_end(const RgJob *job, uint64 ended)
{
	if (ended > 0 && !job->scans && !job->tests)
		rg_event(RG_EVENT_DISCOVERY_FINISHED, job->organization_id, job->data_source_id, job->job_id);
}

void
rg_job_succeed(const RgJob *job, Datum result)
{
	static RgStatement finish = {
		.text = "UPDATE rivergen_catalog.job SET status = 'succeeded', finished_at = clock_timestamp(), "
				"result = $4 " MINE,
	};

	emit_end(job, rg_spi_execute(&finish, KEY_OF(job), rg_jsonb(DatumGetJsonbP(result))));
}

/*
 * Runs a statement about this worker's job. $4 is the statement's own parameter; $5 to $7 are the error to
 * be stored.
 */
static uint64
run_with_error(RgStatement *statement, const RgJob *job, RgArgument own, const char *code,
			   const char *message, const char *detail)
{
	return rg_spi_execute(statement, KEY_OF(job), own, rg_text(code), rg_text(message),
						  rg_text_or_null(detail));
}

static void
finish_without_result(const RgJob *job, const char *status, const char *code, const char *message,
					  const char *detail)
{
	static RgStatement finish = {
		.text =
			"UPDATE rivergen_catalog.job SET status = $4, finished_at = clock_timestamp(), error_code = $5, "
			"error_message = $6, error_detail = $7 " MINE,
	};

	emit_end(job, run_with_error(&finish, job, rg_text(status), code, message, detail));
}

void
rg_job_fail(const RgJob *job, const char *code, const char *message, const char *detail)
{
	finish_without_result(job, "failed", code, message, detail);
}

void
rg_job_cancelled(const RgJob *job, const char *message)
{
	finish_without_result(job, "cancelled", "cancelled", message, NULL);
}

void
rg_job_abandoned(const RgJob *job)
{
	finish_without_result(job, "cancelled", RG_ABANDONED_CODE, "cancelled: no caller waits for it any more",
						  NULL);
}

/* Changes nothing beyond the limit of tries, or in maintenance. */
static bool
queue_again(const RgJob *job, const char *code, const char *message, const char *detail, int64 delay_ms)
{
	static RgStatement retry = {
		.text =
			"UPDATE rivergen_catalog.job SET status = 'queued', run_after = clock_timestamp() "
			"+ $4 * interval '1 millisecond', error_code = $5, error_message = $6, error_detail = $7 " MINE
			" AND EXISTS (SELECT FROM rivergen_catalog.data_source d WHERE d.organization_id = $1 "
			"AND d.data_source_id = job.data_source_id AND d.max_retries >= $3 AND NOT d.maintenance)",
	};

	return run_with_error(&retry, job, rg_int8(delay_ms), code, message, detail) > 0;
}

bool
rg_job_retry(const RgJob *job, const char *code, const char *message, const char *detail)
{
	int64 delay_ms = rg_retry_delay_ms(job->attempt, retry_delay_ms, max_retry_delay_ms,
									   pg_prng_double(&pg_global_prng_state));

	return !job->for_caller && !rg_call_waited_for(job->job_id) &&
		   queue_again(job, code, message, detail, delay_ms);
}

#define LEFT_BEHIND "the worker that ran the job crashed"

/* Requeues a job whose outcome was dropped, unless it was cancelled or ended meanwhile. */
static void
requeue_dropped(const RgJob *job)
{
	switch (rg_job_standing(job, true))
	{
		case RG_JOB_MINE:
			rg_job_release(job);
			break;
		case RG_JOB_LOST:
			break;
		default:
			rg_job_cancelled(job, "cancelled");
	}
	rg_pending_requeued(job);
}

static void
put_back_or_fail(const RgJob *job, bool quarantined)
{
	static RgStatement put_back = {
		.text =
			"UPDATE rivergen_catalog.job SET status = 'queued', started_at = NULL, for_caller = false " MINE,
	};
	if (quarantined)
		rg_job_fail(job, "crashed", LEFT_BEHIND, "Crashes were too many: it is not tried again.");
	else
		rg_spi_execute(&put_back, KEY_OF(job));
	ereport(LOG, (errmsg("job " INT64_FORMAT " was left behind by a worker and %s", job->job_id,
						 quarantined ? "has failed" : "is queued again")));
}

/*
 * A row that says running without a worker is a crash, recorded before the attempt started. The job and the
 * state of its source are locked together or not at all; a later rescue finds what was locked.
 */
static void
rescue(RgJob *job)
{
	static RgStatement hold = {
		.text = "SELECT j.data_source_id FROM rivergen_catalog.job j "
				"JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id) "
				"WHERE j.organization_id = $1 AND j.job_id = $2 AND j.attempts = $3 AND j.status = 'running' "
				"FOR UPDATE OF j SKIP LOCKED FOR NO KEY UPDATE OF s SKIP LOCKED",
	};

	if (rg_spi_execute(&hold, KEY_OF(job)) == 0)
		return;
	job->data_source_id = rg_spi_int64(0, 1);
	if (rg_pending_was_dropped(job->job_id, job->attempt))
	{
		requeue_dropped(job);
		return;
	}
	put_back_or_fail(job, rg_quarantine_crashed(job->organization_id, job->data_source_id, LEFT_BEHIND));
}

/*
 * The snapshot is older than the check of the slots, so a job that ended in between is not running any more.
 * A row that a user's transaction locks is left for a later rescue.
 */
void
rg_job_rescue(void)
{
	static RgStatement list = {
		.text = "SELECT organization_id, job_id, attempts FROM rivergen_catalog.job WHERE status = 'running'",
	};
	uint64 rows = rg_spi_execute_list(&list, NULL, 0);
	SPITupleTable *running = SPI_tuptable;
	int64 *job_ids = palloc(sizeof(int64) * (rows + 1));

	for (uint64 i = 0; i < rows; i++)
		job_ids[i] = rg_spi_int64(i, 2);
	rg_pending_forget_others(job_ids, rows);
	for (uint64 i = 0; i < rows; i++)
	{
		SPI_tuptable = running;

		RgJob job = {.organization_id = rg_spi_int64(i, 1),
					 .job_id = rg_spi_int64(i, 2),
					 .attempt = rg_spi_int32(i, 3)};

		if (!rg_pool_has_job(job.job_id) && !rg_pending_has_job(job.job_id))
			rescue(&job);
	}
	SPI_tuptable = running;
}
