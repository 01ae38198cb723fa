/*
 * health.c — sources that were not heard of for rivergen.health_check_interval are tested. Part of a worker's
 * transaction, like schedule.c, whose rules hold here too: a few of an organization at a time, and a source
 * that is looked at is put off whatever becomes of it.
 *
 * The time of the next test is written by whatever connects to a source (rivergen_catalog.test_delay).
 * Sources that have none, because the setting was off or people changed them, and those whose time is farther
 * away than the setting allows, because it was longer, are given one here, spread over an interval.
 */
#include "health.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "delay.h"
#include "jobs.h"
#include "sql.h"

/* Tests that an organization finds queued, for each job that it may run at once. */
#define QUEUED_PER_WORKER 4

#define LOOKED_AT 10000
#define TAKEN_UP  500
#define TIMED     1000

/* Tests need not be punctual: a worker that comes for one finds those of the next seconds' sources too. */
#define GATHERING_MS 5000

static int health_check_interval = 15 * 60;

void
rg_health_init(void)
{
	DefineCustomIntVariable(
		"rivergen.health_check_interval", "Time after which a data source is tested; 0 = never.",
		"A source that is active or failed and was neither tested nor discovered for so long is tested, a "
		"little earlier or later, and less and less often while it fails.",
		&health_check_interval, 15 * 60, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S, NULL, NULL, NULL);
}

bool
rg_health_delay_of_failures(int failures, double chance, int64 *delay_ms)
{
	*delay_ms = rg_refresh_delay_ms(health_check_interval, failures, chance);
	return health_check_interval > 0;
}

/* A time between now and the longest delay is kept; only what is nearer or farther is left to chance. */
#define GIVE_TIMES                                                                                           \
	"WITH untimed AS MATERIALIZED ((SELECT organization_id, data_source_id "                                 \
	"FROM rivergen_catalog.data_source_state WHERE next_test_at IS NULL AND quarantined_at IS NULL "         \
	"AND status IN ('active', 'failed') LIMIT $2) UNION ALL "                                                \
	"(SELECT s.organization_id, s.data_source_id "                                                           \
	"FROM (VALUES ('active', $1), ('failed', greatest($1, 86400))) v (status, longest) CROSS JOIN LATERAL "  \
	"(SELECT organization_id, data_source_id FROM rivergen_catalog.data_source_state t "                     \
	"WHERE t.status = v.status AND t.next_test_at > now() + 1.2 * v.longest * interval '1 second' "          \
	"LIMIT $2) s)), "                                                                                        \
	"held AS MATERIALIZED (SELECT s.organization_id, s.data_source_id, "                                     \
	"s.last_tested_at + rivergen_catalog.test_delay(s.failure_count) AS due FROM untimed "                   \
	"JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id) "                     \
	"FOR NO KEY UPDATE OF s SKIP LOCKED) "                                                                   \
	"UPDATE rivergen_catalog.data_source_state s SET next_test_at = CASE "                                   \
	"WHEN h.due BETWEEN now() AND now() + 1.1 * $1 * interval '1 second' THEN h.due "                        \
	"ELSE now() + random() * $1 * interval '1 second' END FROM held h "                                      \
	"WHERE s.organization_id = h.organization_id AND s.data_source_id = h.data_source_id"

static bool
give_times(void)
{
	static RgStatement give = {.text = GIVE_TIMES, .types = {INT4OID, INT8OID}};
	Datum values[] = {Int32GetDatum(health_check_interval), Int64GetDatum(TIMED)};

	return rg_spi_run(&give, values, NULL) >= TIMED;
}

#define STATUSES "(VALUES ('active'), ('failed'), ('inactive'), ('testing')) v (status) "

/* A source that something else is queued for, or runs at, is heard of anyway. */
#define TAKE_UP                                                                                              \
	"WITH ready AS MATERIALIZED "                                                                            \
	"(SELECT type, has_credentials FROM rivergen_catalog.ready_types()), "                                   \
	"due AS (SELECT s.organization_id, s.data_source_id, s.next_test_at, "                                   \
	"s.status IN ('active', 'failed') AND s.quarantined_at IS NULL AND NOT d.maintenance "                   \
	"AND d.deleted_at IS NULL "                                                                              \
	"AND (d.type, c.sealed IS NOT NULL) IN (SELECT type, has_credentials FROM ready) AS fit "                \
	"FROM " STATUSES "CROSS JOIN LATERAL (SELECT organization_id, data_source_id, next_test_at, status, "    \
	"quarantined_at FROM rivergen_catalog.data_source_state t WHERE t.status = v.status "                    \
	"AND t.next_test_at <= now() ORDER BY t.next_test_at LIMIT $2) s "                                       \
	"JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id) "                           \
	"LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id)), "                     \
	"placed AS (SELECT due.*, row_number() OVER (PARTITION BY organization_id, fit "                         \
	"ORDER BY next_test_at) AS place FROM due), "                                                            \
	"chosen AS MATERIALIZED (SELECT organization_id, data_source_id, fit FROM placed p "                     \
	"WHERE NOT fit OR place <= $1 AND place <= $1 - (SELECT count(*) FROM (SELECT "                          \
	"FROM rivergen_catalog.job j WHERE j.organization_id = p.organization_id AND j.status = 'queued' "       \
	"AND j.run_after <= now() LIMIT $1) q) ORDER BY next_test_at LIMIT $3), "                                \
	"held AS MATERIALIZED (SELECT s.organization_id, s.data_source_id, chosen.fit, s.status, "               \
	"s.quarantined_at, s.failure_count, d.deleted_at FROM chosen "                                           \
	"JOIN rivergen_catalog.data_source_state s USING (organization_id, data_source_id) "                     \
	"JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id) "                           \
	"WHERE s.next_test_at <= now() "                                                                         \
	"FOR NO KEY UPDATE OF s SKIP LOCKED FOR KEY SHARE OF d SKIP LOCKED), "                                   \
	"put_off AS (UPDATE rivergen_catalog.data_source_state s SET next_test_at = "                            \
	"CASE WHEN h.status = 'inactive' OR h.quarantined_at IS NOT NULL THEN NULL "                             \
	"WHEN h.deleted_at IS NOT NULL THEN now() + interval '1 day' "                                           \
	"ELSE clock_timestamp() + rivergen_catalog.test_delay(h.failure_count) END "                             \
	"FROM held h WHERE s.organization_id = h.organization_id AND s.data_source_id = h.data_source_id "       \
	"RETURNING 1), "                                                                                         \
	"queued AS (INSERT INTO rivergen_catalog.job (organization_id, data_source_id, kind) "                   \
	"SELECT organization_id, data_source_id, 'test' FROM held WHERE fit AND NOT EXISTS "                     \
	"(SELECT FROM rivergen_catalog.job j WHERE j.organization_id = held.organization_id "                    \
	"AND j.data_source_id = held.data_source_id AND j.status IN ('queued', 'running')) RETURNING 1) "        \
	"SELECT count(*), (SELECT count(*) FROM queued) FROM put_off"

bool
rg_health_look(void)
{
	static RgStatement take_up = {.text = TAKE_UP, .types = {INT8OID, INT8OID, INT8OID}};
	int64 room =
		Min((int64) rg_queue_organization_limit() * QUEUED_PER_WORKER, rg_max_queued_per_organization);
	Datum values[] = {Int64GetDatum(room), Int64GetDatum(LOOKED_AT), Int64GetDatum(TAKEN_UP)};

	if (health_check_interval == 0)
		return false;

	bool more = give_times();

	rg_spi_run(&take_up, values, NULL);
	return more || rg_spi_int64(0, 1) > 0;
}

TimestampTz
rg_health_next_due(TimestampTz after)
{
	static RgStatement look = {
		.text = "SELECT coalesce(min(s.due), 'infinity') FROM " STATUSES "CROSS JOIN LATERAL "
				"(SELECT min(next_test_at) AS due FROM rivergen_catalog.data_source_state t "
				"WHERE t.status = v.status AND t.next_test_at > $1) s",
		.types = {TIMESTAMPTZOID},
	};
	Datum values[] = {TimestampTzGetDatum(after)};

	if (health_check_interval == 0)
		return DT_NOEND;
	rg_spi_run(&look, values, NULL);
	return Max(rg_spi_int64(0, 1), TimestampTzPlusMilliseconds(after, GATHERING_MS));
}
