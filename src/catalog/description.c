#include "catalog/description.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "bounded.h"
#include "settings.h"
#include "catalog/audit.h"
#include "catalog/identity.h"
#include "error.h"
#include "json_value.h"
#include "sql.h"

/* Planned for the arguments of each call, since an absent filter must cost nothing. */
#define LOCATE(function, rest)                                                                               \
	"SELECT ids, bytes, total FROM rivergen_catalog." function                                               \
	"($1, nullif($2, 0), $3, $4, nullif($5, 0)" rest ")"

static RgStatement locate_all = {
	.text = LOCATE("located_descriptions", ""),
	.options = CURSOR_OPT_CUSTOM_PLAN,
};

static RgStatement locate_found = {
	.text = LOCATE("found_descriptions", ", $6, $7, $8"),
	.options = CURSOR_OPT_CUSTOM_PLAN,
};

static RgStatement describe = {
	.text = "SELECT b FROM rivergen_catalog.described($1, $2) b",
	.options = CURSOR_OPT_GENERIC_PLAN,
};

RgLocated
rg_descriptions_locate(int64 organization_id, int64 data_source_id)
{
	rg_spi_execute_latest(&locate_all, rg_int8(organization_id), rg_int8(data_source_id), rg_null(TEXTOID),
						  rg_int4(1), rg_int4(0));
	return rg_located();
}

Jsonb *
rg_descriptions_located(int64 organization_id, const RgLocated *located)
{
	rg_spi_execute_latest(&describe, rg_int8(organization_id), located->ids);
	return rg_catalog_jsonb(0, 1);
}

RgLocated
rg_description_page_locate(int64 organization_id, const RgDescriptionFilter *filter, int32 page,
						   int32 page_size)
{
	bool found = filter->status != NULL || filter->search != NULL || filter->tags != NULL;

	if (found)
		rg_spi_read(&locate_found, rg_int8(organization_id), rg_int8(filter->data_source_id),
					rg_text_or_null(filter->schema), rg_int4(page), rg_int4(page_size),
					rg_text_or_null(filter->status), rg_text_or_null(filter->search),
					filter->tags != NULL ? rg_pointer(filter->tags, TEXTARRAYOID) : rg_null(TEXTARRAYOID));
	else
		rg_spi_read(&locate_all, rg_int8(organization_id), rg_int8(filter->data_source_id),
					rg_text_or_null(filter->schema), rg_int4(page), rg_int4(page_size));
	return rg_located();
}

Jsonb *
rg_description_page(int64 organization_id, const RgLocated *located, int32 page, int32 page_size)
{
	static RgStatement look = {
		.text =
			"SELECT jsonb_build_object('items', b, 'pagination', rivergen_catalog.pagination($3, $4, $5)) "
			"FROM rivergen_catalog.described($1, $2) b",
		.options = CURSOR_OPT_GENERIC_PLAN,
	};

	rg_spi_read(&look, rg_int8(organization_id), located->ids, rg_int8(page), rg_int8(page_size),
				rg_int8(located->total));
	return rg_catalog_jsonb(0, 1);
}

Jsonb *
rg_description_coverage(int64 organization_id, int64 data_source_id)
{
	static RgStatement count = {
		.text = "SELECT coalesce(jsonb_agg(to_jsonb(c) - 'organization_id' ORDER BY c.data_source_id), '[]') "
				"FROM rivergen_catalog.source_coverage c "
				"WHERE c.organization_id = $1 AND ($2 = 0 OR c.data_source_id = $2)",
		.options = CURSOR_OPT_CUSTOM_PLAN,
	};

	rg_spi_read(&count, rg_int8(organization_id), rg_int8(data_source_id));
	return rg_catalog_jsonb(0, 1);
}

Jsonb *
rg_description_read(int64 organization_id, int64 relation_id, bool own_changes)
{
	static RgStatement look = {
		.text = "SELECT d -> 0 FROM rivergen_catalog.described($1, ARRAY[$2]) d WHERE d <> '[]'",
	};
	uint64 rows = own_changes ? rg_spi_execute(&look, rg_int8(organization_id), rg_int8(relation_id))
							  : rg_spi_read(&look, rg_int8(organization_id), rg_int8(relation_id));

	if (rows == 0)
		rg_fail_not_found("table description", relation_id);
	return rg_catalog_jsonb(0, 1);
}

void
rg_description_require_readable(int64 organization_id, int64 relation_id)
{
	static RgStatement look = {
		.text =
			"SELECT rivergen_catalog.description_bytes(columns_count, document, column_descriptions, categories, "
			"examples, tags, column_tags) FROM rivergen_catalog.relation "
			"WHERE organization_id = $1 AND relation_id = $2",
	};

	if (rg_spi_read(&look, rg_int8(organization_id), rg_int8(relation_id)) > 0)
		rg_bounded_require(rg_spi_int64(0, 1), "The view columns shows the columns as rows.");
}

Jsonb *
rg_description_lock(int64 organization_id, int64 relation_id)
{
	static RgStatement lock = {
		.text = "SELECT jsonb_path_query_array(r.document, '$.columns[*].name') "
				"FROM rivergen_catalog.relation r "
				"JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id) "
				"WHERE organization_id = $1 AND relation_id = $2 AND d.deleted_at IS NULL "
				"AND rivergen_catalog.kind_group(r.kind) <> 'other' FOR NO KEY UPDATE OF r",
	};

	if (rg_spi_execute(&lock, rg_int8(organization_id), rg_int8(relation_id)) == 0)
		rg_fail_not_found("table description", relation_id);
	return rg_catalog_jsonb(0, 1);
}

void
rg_description_require_version(int64 organization_id, int64 relation_id, const char *version)
{
	static RgStatement look = {
		.text =
			"SELECT rivergen_catalog.description_version(description, column_descriptions, tags, column_tags) "
			"FROM rivergen_catalog.relation WHERE organization_id = $1 AND relation_id = $2",
	};
	const char *current;

	rg_spi_execute(&look, rg_int8(organization_id), rg_int8(relation_id));
	current = rg_spi_text(0, 1);
	if (strcmp(current, version) != 0)
		rg_fail(RG_CONFLICT, RG_DESCRIPTION_CHANGED_SINCE, psprintf("Its version is %s.", current),
				"Read it again, and repeat the change if it is still wanted.");
}

/* The current values of what changes would set; *table is the table's part of the audit entry. */
static Jsonb *
texts(const RgIdentity *identity, int64 relation_id, Jsonb *changes, int64 *data_source_id, Jsonb **table)
{
	static RgStatement look = {
		.text = "SELECT r.data_source_id, rivergen_catalog.described_texts(r.description, "
				"r.column_descriptions, r.tags, r.column_tags, $3), "
				"jsonb_build_object('id', relation_id, 'table_schema', schema_name, 'table_name', "
				"relation_name) "
				"FROM rivergen_catalog.relation r WHERE organization_id = $1 AND relation_id = $2",
	};

	rg_spi_execute(&look, rg_int8(identity->organization_id), rg_int8(relation_id), rg_jsonb(changes));
	*data_source_id = rg_spi_int64(0, 1);
	*table = rg_catalog_jsonb(0, 3);
	return rg_catalog_jsonb(0, 2);
}

/* Returns false when everything is as the changes say already. */
static bool
write_changes(const RgIdentity *identity, int64 relation_id, Jsonb *changes)
{
	static RgStatement write = {
		.text = "SELECT rivergen_catalog.describe_relation($1, $2, $3)",
	};

	return rg_spi_execute(&write, rg_int8(identity->organization_id), rg_int8(relation_id),
						  rg_jsonb(changes)) > 0;
}

static void
index_texts(const RgIdentity *identity, int64 data_source_id, int64 relation_id)
{
	static RgStatement index = {
		.text = "SELECT rivergen_catalog.index_relations($1, $2, $3)",
	};

	rg_spi_execute(&index, rg_int8(identity->organization_id), rg_int8(data_source_id), rg_int8(relation_id));
}

static Jsonb *
trail_detail(Jsonb *table, Jsonb *before, Jsonb *after)
{
	static RgStatement make = {
		.text = "SELECT $1 || jsonb_build_object('before', $2, 'after', $3)",
	};

	rg_spi_execute(&make, rg_jsonb(table), rg_jsonb(before), rg_jsonb(after));
	return rg_catalog_jsonb(0, 1);
}

bool
rg_description_change(const RgIdentity *identity, int64 relation_id, Jsonb *changes)
{
	int64 data_source_id;
	Jsonb *table;
	Jsonb *before = texts(identity, relation_id, changes, &data_source_id, &table);

	if (!write_changes(identity, relation_id, changes))
		return false;

	Jsonb *after = texts(identity, relation_id, changes, &data_source_id, &table);

	if (rg_json_member(&changes->root, "description") != NULL ||
		rg_json_member(&changes->root, "columns") != NULL)
		index_texts(identity, data_source_id, relation_id);

	rg_audit_record(identity, "table_description.updated", data_source_id,
					trail_detail(table, before, after));
	return true;
}

/* The query runs only in transactions that have written something. */
bool
rg_descriptions_uncommitted(int64 organization_id, int64 data_source_id)
{
	static RgStatement look = {
		.text = "SELECT DISTINCT xmin FROM rivergen_catalog.relation "
				"WHERE organization_id = $1 AND data_source_id = $2",
	};
	uint64 rows;
	bool is_null;

	if (!TransactionIdIsValid(GetTopTransactionIdIfAny()))
		return false;
	rows = rg_spi_execute(&look, rg_int8(organization_id), rg_int8(data_source_id));
	for (uint64 i = 0; i < rows; i++)
	{
		if (TransactionIdIsCurrentTransactionId(DatumGetTransactionId(rg_spi_datum(i, 1, &is_null))))
			return true;
	}
	return false;
}
