/* discover_all.c — queues a discovery of every source of an organization. */
#include "discover_all.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "jobs.h"
#include "sql.h"

static int64
queued_jobs(int64 organization_id)
{
	static RgStatement count = {
		.text = "SELECT count(*) FROM rivergen_catalog.job WHERE organization_id = $1 AND status = 'queued' "
				"AND kind <> 'test'",
	};

	rg_spi_execute(&count, rg_int8(organization_id));
	return rg_spi_int64(0, 1);
}

Jsonb *
rg_queue_discover_all(int64 organization_id, int64 workspace_id, const char *type, bool full_read,
					  int64 user_id)
{
	static RgStatement enqueue = {
		.text = "SELECT rivergen_catalog.discover_all($1, nullif($2, 0), $3, $4, $5, $6)",
	};
	bool is_null;

	rg_queue_require_primary();
	rg_queue_require_room(organization_id);

	int64 room = rg_max_queued_per_organization - queued_jobs(organization_id);

	rg_spi_execute(&enqueue, rg_int8(organization_id), rg_int8(workspace_id), rg_text_or_null(type),
				   rg_bool(full_read), rg_int8(user_id), rg_int8(room));
	rg_queue_wake_at_commit();
	return DatumGetJsonbPCopy(rg_spi_datum(0, 1, &is_null));
}
