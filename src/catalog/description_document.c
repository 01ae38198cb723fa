#include "catalog/description_document.h"

#include "catalog/bounded.h"
#include "settings.h"
#include "sql.h"

Jsonb *
rg_description_document(int64 organization_id, const RgDescriptionSelection *selection)
{
	static RgStatement locate = {
		.text =
			"SELECT ids, bytes, total FROM rivergen_catalog.documented_relations($1, nullif($2, 0), $3, $4, $5)",
		.options = CURSOR_OPT_CUSTOM_PLAN,
	};
	static RgStatement make = {
		.text = "SELECT rivergen_catalog.description_document($1, $2, $3)",
	};
	RgLocated located;

	rg_spi_read(&locate, rg_int8(organization_id), rg_int8(selection->data_source_id),
				rg_text_or_null(selection->schema),
				selection->tags != NULL ? rg_pointer(selection->tags, TEXTARRAYOID) : rg_null(TEXTARRAYOID),
				rg_bool(selection->only_described));
	located = rg_located();
	rg_bounded_require(located.bytes, "Export by data source (db_connection_id) or schema (table_schema), or "
									  "only what users gave (only_described).");
	rg_spi_read(&make, rg_int8(organization_id), located.ids, rg_bool(selection->only_described));
	return rg_catalog_jsonb(0, 1);
}

int64 *
rg_description_document_lock(int64 organization_id, Jsonb *entries, int count)
{
	static RgStatement lock = {
		.text = "SELECT position, relation_id FROM rivergen_catalog.lock_documented($1, $2)",
	};
	int64 *ids = palloc0_array(int64, Max(count, 1));
	uint64 rows = rg_spi_execute(&lock, rg_int8(organization_id), rg_jsonb(entries));

	for (uint64 i = 0; i < rows; i++)
		ids[rg_spi_int32(i, 1)] = rg_spi_int64(i, 2);
	return ids;
}

bool
rg_description_differs(int64 organization_id, int64 relation_id, Jsonb *changes, char **version)
{
	static RgStatement compare = {
		.text =
			"SELECT (r.description, r.column_descriptions, r.tags, r.column_tags) IS DISTINCT FROM "
			"(n.description, n.column_descriptions, n.tags, n.column_tags), "
			"rivergen_catalog.description_version(r.description, r.column_descriptions, r.tags, r.column_tags) "
			"FROM rivergen_catalog.relation r "
			"CROSS JOIN rivergen_catalog.changed_description($1, $2, $3) n "
			"WHERE r.organization_id = $1 AND r.relation_id = $2",
	};

	rg_spi_execute(&compare, rg_int8(organization_id), rg_int8(relation_id), rg_jsonb(changes));
	*version = rg_spi_text(0, 2);
	return rg_spi_bool(0, 1);
}
