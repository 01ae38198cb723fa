/*
 * scheduled.c — a scheduled job may have waited long. If its source is in maintenance meanwhile, its window
 * closed, or a user tested or discovered it, the worker does not connect, and cancels the job.
 */
#include "scheduled.h"

#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "catalog/endpoint.h"
#include "catalog/quarantine.h"
#include "catalog/schedule.h"
#include "queue/claim.h"
#include "queue/calls.h"
#include "sql.h"
#include "test.h"

/* Longer than most tests of callers; half of it is random. */
#define COMEBACK_MS 2000

/* A scheduled job that a caller has since joined counts as wanted. */
static bool
is_wanted(const RgJob *job)
{
	return !job->scheduled || rg_call_waited_for(job->job_id);
}

/* A source has the status testing while another worker tests it. */
char *
rg_scheduled_objection(const RgJob *job, bool begun)
{
	static RgStatement ask = {
		.text = "SELECT rivergen_catalog.schedule_objection($1, $2, $3)",
	};

	/* A discovery that has started continues when its window closes. */
	if (is_wanted(job) || (begun && !job->tests) ||
		rg_spi_execute(&ask, rg_int8(job->organization_id), rg_int8(job->job_id), rg_bool(begun)) == 0)
		return NULL;
	return rg_spi_text(0, 1);
}

TimestampTz
rg_scheduled_comeback(void)
{
	return TimestampTzPlusMilliseconds(
		GetCurrentTimestamp(), (int64) (COMEBACK_MS * (0.5 + pg_prng_double(&pg_global_prng_state) / 2)));
}

void
rg_scheduled_not_done(const RgJob *job, const char *objection)
{
	rg_job_cancelled(job, objection);
	if (job->tests)
		rg_job_supersede_tests(job);
	else
		rg_schedule_for_opening(job->organization_id, job->data_source_id);
}

void
rg_scheduled_test_succeeded(const RgJob *job, const RgConnection *connection)
{
	rg_state_connected(job->organization_id, job->data_source_id, connection->server_version);
	rg_connection_record(job->organization_id, job->data_source_id, connection);
	(void) rg_quarantine_end(job->organization_id, job->data_source_id);
	rg_job_supersede_tests(job);
	rg_job_succeed(job, DirectFunctionCall1(jsonb_in, CStringGetDatum(rg_test_describe(connection))));
}
