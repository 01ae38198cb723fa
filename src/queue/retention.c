/*
 * retention.c — ended jobs are kept for rivergen.job_retention; the newest job of each source stays. A
 * scheduled test does not count as the newest.
 *
 * Jobs that stay remain at the beginning of the index, so each batch starts where the last one ended; after
 * the end it starts over. The position is in shared memory: losing it costs a few batches.
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
		.text = "SELECT finished_at, job_id, looked_at FROM rivergen_catalog.prune_jobs($1, $2, $3, $4)",
	};
	RgRetentionPosition position = load_position();
	bool more = rg_spi_execute(&prune, rg_timestamptz(position.finished_at), rg_int8(position.job_id),
							   rg_int4(job_retention), rg_int8(BATCH)) > 0 &&
				rg_spi_int64(0, 3) == BATCH;

	position = (RgRetentionPosition){0};
	if (more)
		position = (RgRetentionPosition){.finished_at = rg_spi_int64(0, 1), .job_id = rg_spi_int64(0, 2)};
	save_position(position);
	return more;
}
