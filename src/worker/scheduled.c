/*
 * scheduled.c — a job of the schedule may have waited for long: its source may be in maintenance meanwhile,
 * its window closed, or a person may have tested or discovered it. Then nothing connects to it, and the job
 * ends as cancelled.
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

/* Longer than a caller's test takes, mostly; half of it is left to chance. */
#define COMEBACK_MS 2000

/* Somebody waits for it, although nobody asked for it. */
static bool
is_wanted(const RgJob *job)
{
	return !job->scheduled || rg_call_waited_for(job->job_id);
}

/* While somebody else tests the source its status is testing. */
char *
rg_scheduled_objection(const RgJob *job, bool begun)
{
	static RgStatement ask = {
		.text = "SELECT rivergen_catalog.schedule_objection($1, $2, $3)",
		.types = {INT8OID, INT8OID, BOOLOID},
	};
	Datum values[] = {Int64GetDatum(job->organization_id), Int64GetDatum(job->job_id), BoolGetDatum(begun)};

	/* A discovery that has begun goes on, whatever the hour. */
	if (is_wanted(job) || (begun && !job->tests) || rg_spi_run(&ask, values, NULL) == 0)
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
