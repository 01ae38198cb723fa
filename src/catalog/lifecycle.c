/*
 * lifecycle.c — what people do to a source beside changing it. README.md beside this file draws the states.
 */
#include "lifecycle.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "catalog.h"
#include "catalog/identity.h"
#include "data_source.h"
#include "error.h"
#include "sql.h"

static void
fail_missing(int64 data_source_id)
{
	rg_fail(RG_NOT_FOUND, psprintf("data source " INT64_FORMAT " not found", data_source_id), NULL, NULL);
}

static void
require_deleted(int64 organization_id, int64 data_source_id)
{
	static RgStatement look = {
		.text = "SELECT deleted_at IS NOT NULL FROM rivergen_catalog.data_source "
				"WHERE organization_id = $1 AND data_source_id = $2 FOR NO KEY UPDATE",
		.types = {INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(data_source_id)};

	if (rg_spi_run(&look, values, NULL) == 0)
		fail_missing(data_source_id);
	if (!rg_spi_bool(0, 1))
		rg_fail(RG_CONFLICT, psprintf("data source " INT64_FORMAT " is not deleted", data_source_id), NULL,
				NULL);
}

void
rg_data_source_restore(const RgIdentity *identity, int64 data_source_id)
{
	static RgStatement restore = {
		.text = "UPDATE rivergen_catalog.data_source SET deleted_at = NULL "
				"WHERE organization_id = $1 AND data_source_id = $2",
		.types = {INT8OID, INT8OID},
	};
	/* While it was deleted its next test was put far off. */
	static RgStatement untime = {
		.text = "UPDATE rivergen_catalog.data_source_state SET next_test_at = NULL "
				"WHERE organization_id = $1 AND data_source_id = $2 AND next_test_at IS NOT NULL",
		.types = {INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(identity->organization_id), Int64GetDatum(data_source_id)};

	require_deleted(identity->organization_id, data_source_id);
	rg_data_source_run_named(&restore, values);
	rg_spi_run(&untime, values, NULL);
	rg_data_source_touch(identity, data_source_id);
}

static void
reset_status(int64 organization_id, int64 data_source_id)
{
	static RgStatement reset = {
		.text = "UPDATE rivergen_catalog.data_source_state SET status = 'inactive' "
				"WHERE organization_id = $1 AND data_source_id = $2",
		.types = {INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(data_source_id)};

	rg_spi_run(&reset, values, NULL);
}

void
rg_data_source_set_maintenance(const RgIdentity *identity, int64 data_source_id, bool maintenance,
							   bool inactive)
{
	static RgStatement set = {
		.text = "UPDATE rivergen_catalog.data_source SET maintenance = $3 "
				"WHERE organization_id = $1 AND data_source_id = $2",
		.types = {INT8OID, INT8OID, BOOLOID},
	};
	Datum values[] = {Int64GetDatum(identity->organization_id), Int64GetDatum(data_source_id),
					  BoolGetDatum(maintenance)};

	(void) rg_data_source_lock(identity->organization_id, data_source_id);
	rg_spi_run(&set, values, NULL);
	if (inactive)
		reset_status(identity->organization_id, data_source_id);
	rg_data_source_touch(identity, data_source_id);
}

Jsonb *
rg_data_source_health(int64 organization_id, int64 data_source_id, int32 history_limit)
{
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.health_body($1, $2, $3)",
		.types = {INT8OID, INT8OID, INT4OID},
	};
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(data_source_id),
					  Int32GetDatum(history_limit)};

	if (rg_catalog_read(&look, values, NULL) == 0 || rg_spi_is_null(0, 1))
		fail_missing(data_source_id);
	return rg_catalog_jsonb(0, 1);
}
