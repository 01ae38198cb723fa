#include "catalog/connection.h"

#include <limits.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "sql.h"

static int health_retention = 30 * 24 * 60;

void
rg_connection_init(void)
{
	DefineCustomIntVariable("rivergen.health_retention", "How long the history of connections is kept.",
							"Older rows of a source are removed when a new one is written.",
							&health_retention, 30 * 24 * 60, 60, INT_MAX / 60, PGC_SIGHUP, GUC_UNIT_MIN, NULL,
							NULL, NULL);
}

static void
forget_old(int64 organization_id, int64 data_source_id)
{
	static RgStatement forget = {
		.text =
			"DELETE FROM rivergen_catalog.connection_check WHERE organization_id = $1 AND data_source_id = $2 "
			"AND checked_at < now() - $3 * interval '1 minute'",
		.types = {INT8OID, INT8OID, INT4OID},
	};
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(data_source_id),
					  Int32GetDatum(health_retention)};

	rg_spi_run(&forget, values, NULL);
}

void
rg_connection_record(int64 organization_id, int64 data_source_id, const RgConnection *connection)
{
	static RgStatement record = {
		.text =
			"INSERT INTO rivergen_catalog.connection_check (organization_id, data_source_id, kind, success, "
			"response_time_ms, server_version, step, error_code, error_message, error_detail) "
			"VALUES ($1, $2, $3, $4, nullif($5, -1), $6, $7, $8, $9, $10)",
		.types = {INT8OID, INT8OID, TEXTOID, BOOLOID, INT4OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID},
	};
	const char *texts[] = {connection->server_version, connection->step, connection->code,
						   connection->message, connection->detail};
	Datum values[10] = {Int64GetDatum(organization_id), Int64GetDatum(data_source_id),
						CStringGetTextDatum(connection->kind), BoolGetDatum(connection->success),
						Int32GetDatum(connection->response_time_ms)};
	char nulls[] = "          ";

	for (int i = 0; i < (int) lengthof(texts); i++)
	{
		nulls[5 + i] = texts[i] ? ' ' : 'n';
		values[5 + i] = texts[i] ? CStringGetTextDatum(texts[i]) : (Datum) 0;
	}
	rg_spi_run(&record, values, nulls);
	forget_old(organization_id, data_source_id);
}
