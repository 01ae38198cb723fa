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
		.types = {INT8OID},
	};
	Datum values[] = {Int64GetDatum(organization_id)};

	rg_spi_run(&count, values, NULL);
	return rg_spi_int64(0, 1);
}

Jsonb *
rg_queue_discover_all(int64 organization_id, int64 workspace_id, const char *type, bool full_read,
					  int64 user_id)
{
	static RgStatement enqueue = {
		.text = "SELECT rivergen_catalog.discover_all($1, nullif($2, 0), $3, $4, $5, $6)",
		.types = {INT8OID, INT8OID, TEXTOID, BOOLOID, INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(organization_id),
					  Int64GetDatum(workspace_id),
					  type ? CStringGetTextDatum(type) : (Datum) 0,
					  BoolGetDatum(full_read),
					  Int64GetDatum(user_id),
					  (Datum) 0};
	bool is_null;

	rg_queue_require_primary();
	rg_queue_require_room(organization_id);
	values[5] = Int64GetDatum(rg_max_queued_per_organization - queued_jobs(organization_id));
	rg_spi_run(&enqueue, values, type ? NULL : "  n   ");
	rg_queue_wake_at_commit();
	return DatumGetJsonbPCopy(rg_spi_datum(0, 1, &is_null));
}
