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
		.options = CURSOR_OPT_GENERIC_PLAN,
	};

	rg_spi_execute(&forget, rg_int8(organization_id), rg_int8(data_source_id), rg_int4(health_retention));
}

void
rg_connection_record(int64 organization_id, int64 data_source_id, const RgConnection *connection)
{
	static RgStatement record = {
		.text =
			"INSERT INTO rivergen_catalog.connection_check (organization_id, data_source_id, kind, success, "
			"response_time_ms, server_version, step, error_code, error_message, error_detail, "
			"ssh_tunnel_established) "
			"VALUES ($1, $2, $3, $4, nullif($5, -1), $6, $7, $8, $9, $10, CASE WHEN $11 THEN $12 END)",
	};

	rg_spi_execute(&record, rg_int8(organization_id), rg_int8(data_source_id), rg_text(connection->kind),
				   rg_bool(connection->success), rg_int4(connection->response_time_ms),
				   rg_text_or_null(connection->server_version), rg_text_or_null(connection->step),
				   rg_text_or_null(connection->code), rg_text_or_null(connection->message),
				   rg_text_or_null(connection->detail), rg_bool(connection->has_tunnel),
				   rg_bool(connection->tunnel_established));
	forget_old(organization_id, data_source_id);
}
