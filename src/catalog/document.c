/*
 * document.c — reading and locking for catalog_export and catalog_apply
 * (sql/objects/160_catalog_document.sql).
 */
#include "document.h"

#include "catalog/pg_type.h"

#include "settings.h"
#include "catalog/bounded.h"
#include "credential.h"
#include "sql.h"

static void
require_exportable(int64 organization_id)
{
	static RgStatement measure = {
		.text = "SELECT coalesce(sum(1000 + rivergen_catalog.stored_bytes(metadata) "
				"+ coalesce(octet_length(description), 0)), 0)::bigint FROM rivergen_catalog.data_source "
				"WHERE organization_id = $1 AND deleted_at IS NULL",
	};

	rg_spi_read(&measure, rg_int8(organization_id));
	rg_bounded_require(rg_spi_int64(0, 1), "The view rivergen.data_sources shows them as rows.");
}

Jsonb *
rg_catalog_document(int64 organization_id)
{
	static RgStatement make = {
		.text = "SELECT rivergen_catalog.catalog_document($1, $2)",
	};

	require_exportable(organization_id);
	rg_spi_read(&make, rg_int8(organization_id), rg_pointer(rg_credential_reminders(), TEXTARRAYOID));
	return rg_catalog_jsonb(0, 1);
}

/* Single changes do not take this lock. It keeps two documents from waiting for each other's new names. */
void
rg_catalog_document_lock(int64 organization_id)
{
	static RgStatement lock = {
		.text = "SELECT 1 FROM rivergen_catalog.organization WHERE organization_id = $1 FOR NO KEY UPDATE",
	};

	rg_spi_execute(&lock, rg_int8(organization_id));
}

/* Every caller that changes several sources locks them in this order, so that there is no deadlock. */
void
rg_catalog_document_lock_sources(int64 organization_id, Jsonb *names)
{
	static RgStatement lock = {
		.text = "SELECT FROM rivergen_catalog.data_source WHERE organization_id = $1 AND deleted_at IS NULL "
				"AND name IN (SELECT jsonb_array_elements_text($2)) ORDER BY data_source_id "
				"FOR NO KEY UPDATE",
	};

	rg_spi_execute(&lock, rg_int8(organization_id), rg_jsonb(names));
}

static int64
find_named(RgStatement *find, int64 organization_id, const char *name)
{
	return rg_spi_execute(find, rg_int8(organization_id), rg_text(name)) > 0 ? rg_spi_int64(0, 1) : 0;
}

int64
rg_data_source_find(int64 organization_id, const char *name)
{
	static RgStatement find = {
		.text = "SELECT data_source_id FROM rivergen_catalog.data_source "
				"WHERE organization_id = $1 AND name = $2 AND deleted_at IS NULL",
	};

	return find_named(&find, organization_id, name);
}

int64
rg_workspace_find(int64 organization_id, const char *name)
{
	static RgStatement find = {
		.text =
			"SELECT workspace_id FROM rivergen_catalog.workspace WHERE organization_id = $1 AND name = $2",
	};

	return find_named(&find, organization_id, name);
}

Jsonb *
rg_column_changes(Jsonb *columns, Jsonb *current)
{
	static RgStatement compare = {
		.text = "SELECT rivergen_catalog.column_changes($1, $2)",
	};

	rg_spi_execute(&compare, rg_jsonb(columns), rg_jsonb(current));
	return rg_catalog_jsonb(0, 1);
}

Jsonb *
rg_data_source_names_without(int64 organization_id, Jsonb *names)
{
	static RgStatement list = {
		.text = "SELECT coalesce(jsonb_agg(d.name ORDER BY d.name COLLATE \"C\"), '[]') "
				"FROM rivergen_catalog.data_source d "
				"WHERE d.organization_id = $1 AND d.deleted_at IS NULL "
				"AND d.name NOT IN (SELECT jsonb_array_elements_text($2))",
	};

	rg_spi_execute(&list, rg_int8(organization_id), rg_jsonb(names));
	return rg_catalog_jsonb(0, 1);
}
