/*
 * scheduled.c — a job of the schedule may have waited for long: its source may be in maintenance meanwhile, or
 * a person may have tested or discovered it. Then nothing connects to it, and the job ends as cancelled.
 */
#include "scheduled.h"

#include "catalog/pg_type.h"
#include "common/pg_prng.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "catalog/endpoint.h"
#include "catalog/quarantine.h"
#include "sql.h"
#include "test.h"

/* Longer than a caller's test takes, mostly; half of it is left to chance. */
#define COMEBACK_MS 2000

/* While somebody else tests the source its status is testing. */
char *
rg_scheduled_objection(const RgJob *job, bool begun)
{
	static RgStatement look = {
		.text =
			"SELECT 'not needed: the data source ' || CASE WHEN d.maintenance THEN 'is in maintenance' "
			"WHEN s.quarantined_at IS NOT NULL THEN 'is in quarantine' "
			"WHEN s.status = 'inactive' THEN 'is inactive' WHEN $3 THEN NULL "
			"WHEN s.status = 'testing' THEN 'is being tested' "
			"WHEN s.last_tested_at > j.queued_at THEN 'was heard of meanwhile' END "
			"FROM rivergen_catalog.job j "
			"JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id) "
			"JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id) "
			"WHERE j.organization_id = $1 AND j.job_id = $2",
		.types = {INT8OID, INT8OID, BOOLOID},
	};
	Datum values[] = {Int64GetDatum(job->organization_id), Int64GetDatum(job->job_id), BoolGetDatum(begun)};

	if (!job->tests || rg_sql_run(&look, values, NULL) == 0)
		return NULL;
	return rg_sql_text(0, 1);
}

TimestampTz
rg_scheduled_comeback(void)
{
	return TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
									   (int64) (COMEBACK_MS * (0.5 + pg_prng_double(&pg_global_prng_state) / 2)));
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
