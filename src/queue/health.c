/*
 * health.c — sources that were not contacted for rivergen.health_check_interval are tested. Part of a
 * worker's transaction. The rules of schedule.c apply: a few sources of an organization at a time, and every
 * handled source gets a new time.
 *
 * A connection to a source sets the time of its next test (rivergen_catalog.test_delay). This file gives a
 * time to sources that have none, because the setting was off or a user changed them, and to sources whose
 * time is farther away than the setting allows, because the setting was longer.
 */
#include "health.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "delay.h"
#include "jobs.h"
#include "sql.h"

/* Scheduled tests queued for an organization, for each worker that it may use. */
#define QUEUED_PER_WORKER 4

/* Due sources that one call examines, longest overdue first, and how many of them it handles. */
#define MOST_LOOKED_AT 10000
#define MOST_QUEUED    500

/* Sources that one call gives a time. */
#define MOST_TIMED 1000

/* Tests need not be punctual: a worker that comes for one handles those of the next seconds too. */
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

static bool
set_times(void)
{
	static RgStatement set = {
		.text = "SELECT rivergen_catalog.set_test_times($1, $2) WHERE EXISTS "
				"(SELECT FROM rivergen_catalog.data_source_state WHERE next_test_at IS NULL "
				"AND quarantined_at IS NULL AND status IN ('active', 'failed')) OR EXISTS "
				"(SELECT FROM rivergen_catalog.data_source_state WHERE status IN ('active', 'failed') "
				"AND next_test_at > now() + 1.2 * $1 * interval '1 second')",
	};

	/* As below: called only when a time is to be set. */
	return rg_spi_execute(&set, rg_int4(health_check_interval), rg_int8(MOST_TIMED)) > 0 &&
		   rg_spi_int64(0, 1) >= MOST_TIMED;
}

bool
rg_health_queue_tests(void)
{
	static RgStatement enqueue = {
		.text = "SELECT rivergen_catalog.queue_due_tests($1, $2, $3) WHERE EXISTS (SELECT FROM "
				"rivergen_catalog.data_source_state WHERE next_test_at <= now() "
				"AND status IN ('active', 'failed', 'inactive', 'testing'))",
	};
	int64 room =
		Min((int64) rg_queue_organization_limit() * QUEUED_PER_WORKER, rg_max_queued_per_organization);

	if (health_check_interval == 0)
		return false;

	bool more = set_times();

	/* A function of SQL is planned at each call: it is called only when a test is due. */
	return (rg_spi_execute(&enqueue, rg_int8(room), rg_int8(MOST_LOOKED_AT), rg_int8(MOST_QUEUED)) > 0 &&
			rg_spi_int64(0, 1) > 0) ||
		   more;
}

TimestampTz
rg_health_next_due(TimestampTz after)
{
	static RgStatement next = {
		.text = "SELECT coalesce(rivergen_catalog.next_test_after($1), 'infinity')",
	};

	if (health_check_interval == 0)
		return DT_NOEND;
	rg_spi_execute(&next, rg_timestamptz(after));
	return Max(rg_spi_int64(0, 1), TimestampTzPlusMilliseconds(after, GATHERING_MS));
}
