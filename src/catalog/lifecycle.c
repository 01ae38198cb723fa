/*
 * lifecycle.c — restoring, maintenance and health of a source. README.md beside this file draws the states.
 */
#include "lifecycle.h"

#include "catalog/pg_type.h"

#include "settings.h"
#include "catalog/identity.h"
#include "data_source.h"
#include "error.h"
#include "sql.h"

static void
require_deleted(int64 organization_id, int64 data_source_id)
{
	static RgStatement look = {
		.text = "SELECT deleted_at IS NOT NULL FROM rivergen_catalog.data_source "
				"WHERE organization_id = $1 AND data_source_id = $2 FOR NO KEY UPDATE",
	};

	if (rg_spi_execute(&look, rg_int8(organization_id), rg_int8(data_source_id)) == 0)
		rg_fail_not_found("data source", data_source_id);
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
	};
	/* Workers put the next test of a deleted source far off. */
	static RgStatement untime = {
		.text = "UPDATE rivergen_catalog.data_source_state SET next_test_at = NULL "
				"WHERE organization_id = $1 AND data_source_id = $2 AND next_test_at IS NOT NULL",
	};
	RgArgument source[] = {rg_int8(identity->organization_id), rg_int8(data_source_id)};

	require_deleted(identity->organization_id, data_source_id);
	rg_data_source_run_named(&restore, source, lengthof(source));
	rg_spi_execute_list(&untime, source, lengthof(source));
	rg_data_source_touch(identity, data_source_id);
}

static void
reset_status(int64 organization_id, int64 data_source_id)
{
	static RgStatement reset = {
		.text = "UPDATE rivergen_catalog.data_source_state SET status = 'inactive' "
				"WHERE organization_id = $1 AND data_source_id = $2",
	};

	rg_spi_execute(&reset, rg_int8(organization_id), rg_int8(data_source_id));
}

void
rg_data_source_set_maintenance(const RgIdentity *identity, int64 data_source_id, bool maintenance,
							   bool inactive)
{
	static RgStatement set = {
		.text = "UPDATE rivergen_catalog.data_source SET maintenance = $3 "
				"WHERE organization_id = $1 AND data_source_id = $2",
	};

	(void) rg_data_source_lock(identity->organization_id, data_source_id);
	rg_spi_execute(&set, rg_int8(identity->organization_id), rg_int8(data_source_id), rg_bool(maintenance));
	if (inactive)
		reset_status(identity->organization_id, data_source_id);
	rg_data_source_touch(identity, data_source_id);
}

Jsonb *
rg_data_source_forget_host_key(const RgIdentity *identity, int64 data_source_id)
{
	static RgStatement look = {
		.text =
			"SELECT jsonb_build_object('host_key', ssh_host_key) FROM rivergen_catalog.data_source_state "
			"WHERE organization_id = $1 AND data_source_id = $2 AND ssh_host_key IS NOT NULL FOR NO KEY UPDATE",
	};
	static RgStatement forget = {
		.text = "UPDATE rivergen_catalog.data_source_state SET ssh_host_key = NULL "
				"WHERE organization_id = $1 AND data_source_id = $2",
	};
	RgArgument source[] = {rg_int8(identity->organization_id), rg_int8(data_source_id)};
	Jsonb *forgotten;

	(void) rg_data_source_lock(identity->organization_id, data_source_id);
	if (rg_spi_execute_list(&look, source, lengthof(source)) == 0)
		rg_fail(RG_CONFLICT, psprintf("no host key of data source " INT64_FORMAT " is known", data_source_id),
				"It becomes known by the first successful connection through an SSH tunnel.", NULL);
	forgotten = rg_catalog_jsonb(0, 1);
	rg_spi_execute_list(&forget, source, lengthof(source));
	rg_data_source_touch(identity, data_source_id);
	return forgotten;
}

Jsonb *
rg_data_source_health(int64 organization_id, int64 data_source_id, int32 history_limit)
{
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.health_body($1, $2, $3)",
	};

	if (rg_spi_read(&look, rg_int8(organization_id), rg_int8(data_source_id), rg_int4(history_limit)) == 0 ||
		rg_spi_is_null(0, 1))
		rg_fail_not_found("data source", data_source_id);
	return rg_catalog_jsonb(0, 1);
}
