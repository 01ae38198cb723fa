/*
 * schedule.c — sources that are due become jobs. Part of a worker's transaction.
 *
 * Each look queues only as many of an organization as its queue has room for, so that ten thousand sources
 * that are due at once, after a restart say, come in turns, and nobody else waits behind them. A source that
 * is looked at is put off by one interval whatever becomes of it: a cancelled job, a maintenance or missing
 * credentials end nothing. The end of its discovery sets the time again. One whose window is closed waits for
 * its opening.
 */
#include "schedule.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "health.h"
#include "jobs.h"
#include "sql.h"

/* Jobs that an organization finds queued by the schedule, for each that it may run at once. */
#define QUEUED_PER_WORKER 4

/* Due sources that are looked at, oldest first, and how many of them are taken up. */
#define LOOKED_AT 10000
#define TAKEN_UP  500

/* Sources and their state that a person's open transaction holds are left for the next look. */
#define TAKE_UP                                                                                                                                                     \
	"WITH ready AS MATERIALIZED "                                                                                                                                   \
	"(SELECT type, has_credentials FROM rivergen_catalog.ready_types()), "                                                                                          \
	"due AS (SELECT s.organization_id, s.data_source_id, s.next_discovery_at, "                                                                                     \
	"d.schema_auto_refresh AND NOT d.maintenance AND d.deleted_at IS NULL "                                                                                         \
	"AND (d.type, c.sealed IS NOT NULL) IN (SELECT type, has_credentials FROM ready) "                                                                              \
	"AND rivergen_catalog.within_window(d.metadata, now()) <= now() AS fit "                                                                                        \
	"FROM (SELECT organization_id, data_source_id, next_discovery_at "                                                                                              \
	"FROM rivergen_catalog.data_source_state WHERE next_discovery_at <= now() "                                                                                     \
	"ORDER BY next_discovery_at LIMIT $2) s "                                                                                                                       \
	"JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id) "                                                                                  \
	"LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)), "                                                                            \
	"placed AS (SELECT due.*, row_number() OVER (PARTITION BY organization_id, fit "                                                                                \
	"ORDER BY next_discovery_at) AS place FROM due), "                                                                                                              \
	"chosen AS MATERIALIZED (SELECT organization_id, data_source_id, fit FROM placed p "                                                                            \
	"WHERE NOT fit OR place <= $1 AND place <= $1 - (SELECT count(*) FROM (SELECT "                                                                                 \
	"FROM rivergen_catalog.job j WHERE j.organization_id = p.organization_id AND j.status = 'queued' "                                                              \
	"AND j.kind <> 'test' AND j.run_after <= now() LIMIT $1) q) ORDER BY next_discovery_at LIMIT $3), "                                                             \
	"held AS MATERIALIZED (SELECT s.organization_id, s.data_source_id, chosen.fit, d.schema_auto_refresh, "                                                         \
	"d.metadata, rivergen_catalog.within_window(d.metadata, now()) > now() AS is_early, d.deleted_at, d.schema_refresh_interval, s.discovery_failures FROM chosen " \
	"JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id) "                                                                            \
	"JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id) "                                                                                  \
	"WHERE s.next_discovery_at <= now() "                                                                                                                           \
	"FOR NO KEY UPDATE OF s SKIP LOCKED FOR KEY SHARE OF d SKIP LOCKED), "                                                                                          \
	"put_off AS (UPDATE rivergen_catalog.data_source_state s SET next_discovery_at = "                                                                              \
	"CASE WHEN h.schema_auto_refresh AND h.deleted_at IS NULL THEN "                                                                                                \
	"rivergen_catalog.within_window(h.metadata, CASE WHEN h.is_early THEN now() ELSE clock_timestamp() "                                                            \
	"+ rivergen_catalog.refresh_delay(h.schema_refresh_interval, h.discovery_failures) END) END "                                                                   \
	"FROM held h WHERE s.organization_id = h.organization_id AND s.data_source_id = h.data_source_id "                                                              \
	"RETURNING 1), "                                                                                                                                                \
	"queued AS (INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind) "                                                                          \
	"SELECT organization_id, data_source_id, 'discover' FROM held WHERE fit AND NOT EXISTS "                                                                        \
	"(SELECT FROM rivergen_catalog.job j WHERE j.organization_id = held.organization_id "                                                                           \
	"AND j.data_source_id = held.data_source_id AND j.kind = 'discover' "                                                                                           \
	"AND j.status IN ('queued', 'running')) RETURNING 1) "                                                                                                          \
	"SELECT count(*), (SELECT count(*) FROM queued) FROM put_off"

bool
rg_due_queue_discoveries(void)
{
	static RgStatement take_up = {.text = TAKE_UP, .types = {INT8OID, INT8OID, INT8OID}};
	int64 room =
		Min((int64) rg_queue_organization_limit() * QUEUED_PER_WORKER, rg_max_queued_per_organization);
	Datum values[] = {Int64GetDatum(room), Int64GetDatum(LOOKED_AT), Int64GetDatum(TAKEN_UP)};

	rg_spi_run(&take_up, values, NULL);
	return rg_spi_int64(0, 1) > 0;
}

TimestampTz
rg_queue_next_due(TimestampTz after)
{
	static RgStatement look = {
		.text = "SELECT coalesce(least((SELECT min(run_after) FROM rivergen_catalog.job "
				"WHERE status = 'queued' AND run_after > $1), "
				"(SELECT min(next_discovery_at) FROM rivergen_catalog.data_source_state "
				"WHERE next_discovery_at > $1)), 'infinity')",
		.types = {TIMESTAMPTZOID},
	};
	Datum values[] = {TimestampTzGetDatum(after)};

	rg_spi_run(&look, values, NULL);

	TimestampTz next = rg_spi_int64(0, 1);

	return Min(next, rg_health_next_due(after));
}
