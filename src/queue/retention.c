/*
 * retention.c — ended jobs are kept for rivergen.job_retention, the newest of each source for ever: a test of
 * the schedule does not count as one.
 *
 * What is kept stays at the beginning of the index, so each batch begins where the last one ended; when the
 * end is reached, the next one begins anew. The position is in shared memory: forgetting it costs a few
 * batches.
 */
#include "retention.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "databases.h"
#include "shared.h"
#include "sql.h"

#define BATCH 1000

static int job_retention = 30 * 24 * 60;

void
rg_retention_init(void)
{
	DefineCustomIntVariable("rivergen.job_retention", "How long jobs that have ended are kept.",
							"The newest of each data source stays.", &job_retention, 30 * 24 * 60, 60,
							INT_MAX / 60, PGC_SIGHUP, GUC_UNIT_MIN, NULL, NULL, NULL);
}

static RgRetentionPosition
load_position(void)
{
	RgRetentionPosition position = {0};

	rg_lock();

	RgDatabase *entry = rg_database_find(MyDatabaseId);

	if (entry != NULL)
		position = entry->retention;
	rg_unlock();
	if (position.job_id == 0)
		position.finished_at = DT_NOBEGIN;
	return position;
}

static void
save_position(RgRetentionPosition position)
{
	rg_lock();

	RgDatabase *entry = rg_database_find(MyDatabaseId);

	if (entry != NULL)
		entry->retention = position;
	rg_unlock();
}

bool
rg_jobs_prune(void)
{
	static RgStatement prune = {
		.text =
			"WITH old AS MATERIALIZED (SELECT organization_id, data_source_id, job_id, kind, finished_at "
			"FROM rivergen_catalog.job WHERE (finished_at, job_id) > ($1, $2) "
			"AND finished_at < now() - $3 * interval '1 minute' ORDER BY finished_at, job_id LIMIT $4), "
			"followed AS MATERIALIZED (SELECT j.organization_id, j.job_id FROM old "
			"JOIN rivergen_catalog.job j USING (organization_id, job_id) "
			"WHERE EXISTS (SELECT FROM rivergen_catalog.job n WHERE n.organization_id = old.organization_id "
			"AND n.data_source_id = old.data_source_id AND (n.kind <> 'test' OR old.kind = 'test') "
			"AND (n.finished_at, n.job_id) > (old.finished_at, old.job_id)) FOR UPDATE OF j SKIP LOCKED), "
			"gone AS (DELETE FROM rivergen_catalog.job j USING followed f "
			"WHERE j.organization_id = f.organization_id AND j.job_id = f.job_id) "
			"SELECT finished_at, job_id, (SELECT count(*) FROM old) FROM old "
			"ORDER BY finished_at DESC, job_id DESC LIMIT 1",
		.types = {TIMESTAMPTZOID, INT8OID, INT4OID, INT8OID},
	};
	RgRetentionPosition position = load_position();
	Datum values[] = {TimestampTzGetDatum(position.finished_at), Int64GetDatum(position.job_id),
					  Int32GetDatum(job_retention), Int64GetDatum(BATCH)};
	bool more = rg_spi_run(&prune, values, NULL) > 0 && rg_spi_int64(0, 3) == BATCH;

	position = (RgRetentionPosition){0};
	if (more)
		position = (RgRetentionPosition){.finished_at = rg_spi_int64(0, 1), .job_id = rg_spi_int64(0, 2)};
	save_position(position);
	return more;
}
