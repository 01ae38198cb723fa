/*
 * jobs.c — jobs as callers of the API see them. Everything happens in the caller's transaction.
 *
 * Workers are notified at commit, when they can see the change. No function here waits for another
 * transaction: a caller may keep its transaction open as long as it likes.
 */
#include "jobs.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "catalog/event.h"
#include "claim.h"
#include "test_limits.h"
#include "wait_limits.h"
#include "databases.h"
#include "error.h"
#include "health.h"
#include "pending.h"
#include "pool.h"
#include "retention.h"
#include "shared.h"
#include "sql.h"
#include "wait.h"

int rg_max_queued_per_organization = 10000;
static int max_workers_per_organization = 0;

/* The default, half of the pool, leaves room for other organizations even if all hosts of one hang. */
int
rg_queue_organization_limit(void)
{
	return max_workers_per_organization > 0 ? max_workers_per_organization : Max(rg_max_workers / 2, 1);
}

/* Actions at commit: wake workers, and cancel these running jobs. */
static bool wake_at_commit = false;
static List *cancel_at_commit = NIL;

static void
forget(void)
{
	wake_at_commit = false;
	cancel_at_commit = NIL; /* its memory goes with the transaction */
}

/*
 * While this transaction locked the rows, workers skipped jobs whose cancellation is rolled back now.
 * Without a wake-up they would wait for the next poll.
 */
static void
wake_for_released(void)
{
	if (cancel_at_commit != NIL)
		rg_database_wake(MyDatabaseId);
}

static void
at_end_of_subtransaction(SubXactEvent event, SubTransactionId subtransaction, SubTransactionId parent,
						 void *argument)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		wake_for_released();
}

static void
at_end_of_transaction(XactEvent event, void *argument)
{
	ListCell *cell;

	if (event == XACT_EVENT_COMMIT)
	{
		if (wake_at_commit)
			rg_database_wake(MyDatabaseId);
		foreach (cell, cancel_at_commit)
			rg_pool_notify(*(int64 *) lfirst(cell), RG_NOTICE_CANCEL);
	}
	if (event == XACT_EVENT_ABORT)
		wake_for_released();
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		forget();
}

void
rg_jobs_init(void)
{
	DefineCustomIntVariable("rivergen.max_queued_per_organization",
							"Jobs that may wait in an organization's queue before more are refused.", NULL,
							&rg_max_queued_per_organization, 10000, 1, INT_MAX, PGC_SIGHUP, 0, NULL, NULL,
							NULL);
	DefineCustomIntVariable("rivergen.max_workers_per_organization",
							"Workers that one organization may keep busy at once; 0 = half of max_workers.",
							"Half of rivergen.max_workers is rounded down, and is at least 1.",
							&max_workers_per_organization, 0, 0, RG_MAX_POOL, PGC_SIGHUP, 0, NULL, NULL,
							NULL);
	rg_claim_init();
	rg_wait_init();
	rg_pending_init();
	rg_wait_limits_init();
	rg_call_tests_init();
	rg_retention_init();
	rg_health_init();
	RegisterXactCallback(at_end_of_transaction, NULL);
	RegisterSubXactCallback(at_end_of_subtransaction, NULL);
}

void
rg_queue_require_primary(void)
{
	if (RecoveryInProgress())
		rg_fail_on_standby("a standby changes nothing");
}

void
rg_queue_require_room(int64 organization_id)
{
	static RgStatement count_queued = {
		.text = "SELECT count(*) FROM (SELECT FROM rivergen_catalog.job "
				"WHERE organization_id = $1 AND status = 'queued' AND kind <> 'test' LIMIT $2) q",
	};

	rg_spi_execute(&count_queued, rg_int8(organization_id), rg_int8(rg_max_queued_per_organization));
	if (rg_spi_int64(0, 1) >= rg_max_queued_per_organization)
		rg_fail(RG_TOO_MANY, "the organization's job queue is full",
				psprintf("%d jobs are waiting.", rg_max_queued_per_organization),
				"Try again when some of them have ended.");
}

void
rg_queue_wake_at_commit(void)
{
	wake_at_commit = rg_database_is_served(get_database_name(MyDatabaseId));
}

/*
 * Finds a queued job that can serve a new request. Jobs that wait for a retry are not found: their run_after
 * may be far away. Nor are scheduled jobs: they come after users' jobs and only in their window; a scheduled
 * job ends when it finds its source discovered.
 */
static int64
find_queued(int64 organization_id, int64 data_source_id, const char *schema, bool full_read)
{
	static RgStatement find = {
		.text =
			"SELECT job_id FROM rivergen_catalog.job "
			"WHERE organization_id = $1 AND data_source_id = $2 AND kind = 'discover' "
			"AND schema_name IS NOT DISTINCT FROM $3 AND (full_read OR NOT $4) AND status = 'queued' AND run_after <= now() "
			"AND NOT for_caller AND requested_by_user_id IS NOT NULL AND NOT cancel_requested ORDER BY job_id LIMIT 1",
		.options = CURSOR_OPT_GENERIC_PLAN,
	};

	uint64 found = rg_spi_execute(&find, rg_int8(organization_id), rg_int8(data_source_id),
								  rg_text_or_null(schema), rg_bool(full_read));

	return found > 0 ? rg_spi_int64(0, 1) : 0;
}

int64
rg_queue_enqueue(int64 organization_id, int64 data_source_id, const char *schema, bool full_read,
				 int64 user_id)
{
	static RgStatement insert = {
		.text = "INSERT INTO rivergen_catalog.job "
				"(organization_id, data_source_id, kind, schema_name, full_read, requested_by_user_id) "
				"VALUES ($1, $2, 'discover', $3, $4, $5) RETURNING job_id",
	};

	rg_queue_require_primary();

	int64 job_id = find_queued(organization_id, data_source_id, schema, full_read);

	if (job_id == 0)
	{
		rg_spi_execute(&insert, rg_int8(organization_id), rg_int8(data_source_id), rg_text_or_null(schema),
					   rg_bool(full_read), rg_int8(user_id));
		job_id = rg_spi_int64(0, 1);
	}
	rg_queue_wake_at_commit();
	return job_id;
}

int64
rg_queue_enqueue_scan(int64 organization_id, int64 data_source_id, ArrayType *relation_ids, int64 user_id)
{
	static RgStatement find = {
		.text = "SELECT job_id FROM rivergen_catalog.job "
				"WHERE organization_id = $1 AND data_source_id = $2 AND kind = 'scan' "
				"AND relation_ids IS NOT DISTINCT FROM $3 AND status = 'queued' AND run_after <= now() "
				"AND NOT cancel_requested ORDER BY job_id LIMIT 1",
	};
	static RgStatement insert = {
		.text = "INSERT INTO rivergen_catalog.job "
				"(organization_id, data_source_id, kind, relation_ids, requested_by_user_id) "
				"VALUES ($1, $2, 'scan', $3, $4) RETURNING job_id",
	};
	RgArgument ids = relation_ids != NULL ? rg_pointer(relation_ids, INT8ARRAYOID) : rg_null(INT8ARRAYOID);

	rg_queue_require_primary();
	if (rg_spi_execute(&find, rg_int8(organization_id), rg_int8(data_source_id), ids) == 0)
	{
		rg_queue_require_room(organization_id);
		rg_spi_execute(&insert, rg_int8(organization_id), rg_int8(data_source_id), ids, rg_int8(user_id));
	}

	int64 job_id = rg_spi_int64(0, 1);

	rg_queue_wake_at_commit();
	return job_id;
}

static void
cancel_running_at_commit(int64 job_id)
{
	MemoryContext previous = MemoryContextSwitchTo(TopTransactionContext);
	int64 *id = palloc(sizeof(int64));

	*id = job_id;
	cancel_at_commit = lappend(cancel_at_commit, id);
	MemoryContextSwitchTo(previous);
}

void
rg_queue_cancel(int64 organization_id, int64 job_id)
{
	static RgStatement cancel = {
		.text = "UPDATE rivergen_catalog.job SET cancel_requested = true, "
				"status = CASE status WHEN 'queued' THEN 'cancelled' ELSE status END, "
				"finished_at = CASE status WHEN 'queued' THEN now() END, "
				"error_code = CASE status WHEN 'queued' THEN 'cancelled' END, "
				"error_message = CASE status WHEN 'queued' THEN 'cancelled before it started' END "
				"WHERE organization_id = $1 AND job_id = $2 AND status IN ('queued', 'running') "
				"RETURNING status, data_source_id, kind = 'discover'",
	};
	static RgStatement find = {
		.text = "SELECT status FROM rivergen_catalog.job WHERE organization_id = $1 AND job_id = $2",
	};

	rg_queue_require_primary();
	if (rg_spi_execute(&cancel, rg_int8(organization_id), rg_int8(job_id)) > 0)
	{
		if (strcmp(rg_spi_text(0, 1), "cancelled") == 0 && rg_spi_bool(0, 3))
			rg_event(RG_EVENT_DISCOVERY_FINISHED, organization_id, rg_spi_int64(0, 2), job_id);
		cancel_running_at_commit(job_id);
		return;
	}
	if (rg_spi_execute(&find, rg_int8(organization_id), rg_int8(job_id)) == 0)
		rg_fail_not_found("job", job_id);
	rg_fail(RG_CONFLICT, psprintf("job " INT64_FORMAT " has ended already", job_id),
			psprintf("Its status is %s.", rg_spi_text(0, 1)), NULL);
}

/* A cancellation rolled back to a savepoint is still in the list, but its row is not this transaction's. */
bool
rg_queue_has_cancelled(int64 organization_id, int64 data_source_id)
{
	static RgStatement find = {
		.text = "SELECT xmin FROM rivergen_catalog.job "
				"WHERE organization_id = $1 AND data_source_id = $2 AND job_id = $3",
	};
	ListCell *cell;
	bool is_null;

	foreach (cell, cancel_at_commit)
	{
		if (rg_spi_execute(&find, rg_int8(organization_id), rg_int8(data_source_id),
						   rg_int8(*(int64 *) lfirst(cell))) > 0 &&
			TransactionIdIsCurrentTransactionId(DatumGetTransactionId(rg_spi_datum(0, 1, &is_null))))
			return true;
	}
	return false;
}
