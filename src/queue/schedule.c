/*
 * schedule.c — queues jobs for due sources. Part of a worker's transaction.
 *
 * A call queues only as many jobs of an organization as its queue has room for. So ten thousand sources that
 * are due at once, after a restart for example, come in turns, and other organizations do not wait behind
 * them. Every handled source is put off by one interval, whether a job was queued or not: a cancelled job,
 * maintenance or missing credentials must not end its schedule. The end of its discovery sets the time
 * again. A source whose window is closed waits for the opening.
 */
#include "schedule.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

#include "health.h"
#include "jobs.h"
#include "sql.h"

/* Scheduled jobs queued for an organization, for each worker that it may use. */
#define QUEUED_PER_WORKER 4

/* Due sources that one call examines, longest overdue first, and how many of them it handles. */
#define MOST_LOOKED_AT 10000
#define MOST_QUEUED    500

bool
rg_due_queue_discoveries(void)
{
	static RgStatement enqueue = {
		.text = "SELECT rivergen_catalog.queue_due_discoveries($1, $2, $3) WHERE EXISTS "
				"(SELECT FROM rivergen_catalog.data_source_state WHERE next_discovery_at <= now())",
	};
	int64 room =
		Min((int64) rg_queue_organization_limit() * QUEUED_PER_WORKER, rg_max_queued_per_organization);

	/* A function of SQL is planned at each call: it is called only when a source is due. */
	return rg_spi_execute(&enqueue, rg_int8(room), rg_int8(MOST_LOOKED_AT), rg_int8(MOST_QUEUED)) > 0 &&
		   rg_spi_int64(0, 1) > 0;
}

TimestampTz
rg_queue_next_due(TimestampTz after)
{
	static RgStatement find = {
		.text = "SELECT coalesce(least((SELECT min(run_after) FROM rivergen_catalog.job "
				"WHERE status = 'queued' AND run_after > $1), "
				"(SELECT min(next_discovery_at) FROM rivergen_catalog.data_source_state "
				"WHERE next_discovery_at > $1)), 'infinity')",
	};

	rg_spi_execute(&find, rg_timestamptz(after));

	TimestampTz next = rg_spi_int64(0, 1);

	return Min(next, rg_health_next_due(after));
}
