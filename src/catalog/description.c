#include "catalog/description.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "bounded.h"
#include "catalog.h"
#include "catalog/audit.h"
#include "catalog/identity.h"
#include "error.h"
#include "sql.h"

static void
fail_missing(int64 relation_id)
{
	rg_fail(RG_NOT_FOUND, psprintf("table description " INT64_FORMAT " not found", relation_id), NULL, NULL);
}

static Datum
text_or_null(const char *text)
{
	return text != NULL ? CStringGetTextDatum(text) : (Datum) 0;
}

/* Where to look is planned anew for what is asked. */
#define LOCATE(function, rest)                                                                               \
	"SELECT ids, bytes, total FROM rivergen_catalog." function                                               \
	"($1, nullif($2, 0), $3, $4, nullif($5, 0)" rest ")"

static RgStatement locate_all = {
	.text = LOCATE("located_descriptions", ""),
	.types = {INT8OID, INT8OID, TEXTOID, INT4OID, INT4OID},
	.options = CURSOR_OPT_CUSTOM_PLAN,
};

static RgStatement locate_found = {
	.text = LOCATE("found_descriptions", ", $6, $7"),
	.types = {INT8OID, INT8OID, TEXTOID, INT4OID, INT4OID, TEXTOID, TEXTOID},
	.options = CURSOR_OPT_CUSTOM_PLAN,
};

static RgStatement describe = {
	.text = "SELECT b FROM rivergen_catalog.described($1, $2) b",
	.types = {INT8OID, INT8ARRAYOID},
	.options = CURSOR_OPT_GENERIC_PLAN,
};

RgLocated
rg_descriptions_locate(int64 organization_id, int64 data_source_id)
{
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(data_source_id), (Datum) 0,
					  Int32GetDatum(1), Int32GetDatum(0)};

	rg_spi_run_latest(&locate_all, values, "  n  ");
	return rg_located();
}

Jsonb *
rg_descriptions_located(int64 organization_id, const RgLocated *located)
{
	Datum values[] = {Int64GetDatum(organization_id), located->ids};

	rg_spi_run_latest(&describe, values, NULL);
	return rg_catalog_jsonb(0, 1);
}

RgLocated
rg_description_page_locate(int64 organization_id, const RgDescriptionFilter *filter, int32 page,
						   int32 page_size)
{
	bool found = filter->status != NULL || filter->search != NULL;
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(filter->data_source_id),
					  text_or_null(filter->schema),   Int32GetDatum(page),
					  Int32GetDatum(page_size),       text_or_null(filter->status),
					  text_or_null(filter->search)};
	char nulls[] = {' ',
					' ',
					filter->schema ? ' ' : 'n',
					' ',
					' ',
					filter->status ? ' ' : 'n',
					filter->search ? ' ' : 'n',
					'\0'};

	rg_catalog_read(found ? &locate_found : &locate_all, values, nulls);
	return rg_located();
}

Jsonb *
rg_description_page(int64 organization_id, const RgLocated *located, int32 page, int32 page_size)
{
	static RgStatement look = {
		.text =
			"SELECT jsonb_build_object('items', b, 'pagination', rivergen_catalog.pagination($3, $4, $5)) "
			"FROM rivergen_catalog.described($1, $2) b",
		.types = {INT8OID, INT8ARRAYOID, INT8OID, INT8OID, INT8OID},
		.options = CURSOR_OPT_GENERIC_PLAN,
	};
	Datum values[] = {Int64GetDatum(organization_id), located->ids, Int64GetDatum(page),
					  Int64GetDatum(page_size), Int64GetDatum(located->total)};

	rg_catalog_read(&look, values, NULL);
	return rg_catalog_jsonb(0, 1);
}

Jsonb *
rg_description_read(int64 organization_id, int64 relation_id, bool own_changes)
{
	static RgStatement look = {
		.text = "SELECT d -> 0 FROM rivergen_catalog.described($1, ARRAY[$2]) d WHERE d <> '[]'",
		.types = {INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(relation_id)};
	uint64 rows = own_changes ? rg_spi_run(&look, values, NULL) : rg_catalog_read(&look, values, NULL);

	if (rows == 0)
		fail_missing(relation_id);
	return rg_catalog_jsonb(0, 1);
}

void
rg_description_require_readable(int64 organization_id, int64 relation_id)
{
	static RgStatement look = {
		.text =
			"SELECT rivergen_catalog.description_bytes(columns_count, document, column_descriptions, categories, "
			"examples) FROM rivergen_catalog.relation "
			"WHERE organization_id = $1 AND relation_id = $2",
		.types = {INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(relation_id)};

	if (rg_catalog_read(&look, values, NULL) > 0)
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
		.types = {INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(relation_id)};

	if (rg_spi_run(&lock, values, NULL) == 0)
		fail_missing(relation_id);
	return rg_catalog_jsonb(0, 1);
}

/* The texts that will be changed, or were, with what the trail says of the table beside them. */
static Jsonb *
texts(const RgIdentity *identity, int64 relation_id, Jsonb *changes, int64 *data_source_id, Jsonb **table)
{
	static RgStatement look = {
		.text =
			"SELECT r.data_source_id, rivergen_catalog.described_texts(r.description, r.column_descriptions, $3), "
			"jsonb_build_object('id', relation_id, 'table_schema', schema_name, 'table_name', "
			"relation_name) "
			"FROM rivergen_catalog.relation r WHERE organization_id = $1 AND relation_id = $2",
		.types = {INT8OID, INT8OID, JSONBOID},
	};
	Datum values[] = {Int64GetDatum(identity->organization_id), Int64GetDatum(relation_id),
					  JsonbPGetDatum(changes)};

	rg_spi_run(&look, values, NULL);
	*data_source_id = rg_spi_int64(0, 1);
	*table = rg_catalog_jsonb(0, 3);
	return rg_catalog_jsonb(0, 2);
}

static void
write_texts(const RgIdentity *identity, int64 relation_id, Jsonb *changes)
{
	static RgStatement update = {
		.text = "UPDATE rivergen_catalog.relation SET "
				"description = CASE WHEN $3 ? 'description' THEN $3 ->> 'description' ELSE description END, "
				"column_descriptions = jsonb_strip_nulls(column_descriptions || "
				"coalesce($3 -> 'columns', '{}')) "
				"WHERE organization_id = $1 AND relation_id = $2",
		.types = {INT8OID, INT8OID, JSONBOID},
	};
	Datum values[] = {Int64GetDatum(identity->organization_id), Int64GetDatum(relation_id),
					  JsonbPGetDatum(changes)};

	rg_spi_run(&update, values, NULL);
}

static Jsonb *
trail_detail(Jsonb *table, Jsonb *before, Jsonb *after)
{
	static RgStatement make = {
		.text = "SELECT $1 || jsonb_build_object('before', $2, 'after', $3)",
		.types = {JSONBOID, JSONBOID, JSONBOID},
	};
	Datum values[] = {JsonbPGetDatum(table), JsonbPGetDatum(before), JsonbPGetDatum(after)};

	rg_spi_run(&make, values, NULL);
	return rg_catalog_jsonb(0, 1);
}

void
rg_description_change(const RgIdentity *identity, int64 relation_id, Jsonb *changes)
{
	int64 data_source_id;
	Jsonb *table;
	Jsonb *before = texts(identity, relation_id, changes, &data_source_id, &table);

	write_texts(identity, relation_id, changes);

	Jsonb *after = texts(identity, relation_id, changes, &data_source_id, &table);

	rg_audit_record(identity, "table_description.updated", data_source_id,
					trail_detail(table, before, after));
}

/* Looks only where the transaction has written something at all: the others pay nothing. */
bool
rg_descriptions_uncommitted(int64 organization_id, int64 data_source_id)
{
	static RgStatement look = {
		.text = "SELECT DISTINCT xmin FROM rivergen_catalog.relation "
				"WHERE organization_id = $1 AND data_source_id = $2",
		.types = {INT8OID, INT8OID},
	};
	Datum values[] = {Int64GetDatum(organization_id), Int64GetDatum(data_source_id)};
	uint64 rows;
	bool is_null;

	if (!TransactionIdIsValid(GetTopTransactionIdIfAny()))
		return false;
	rows = rg_spi_run(&look, values, NULL);
	for (uint64 i = 0; i < rows; i++)
	{
		if (TransactionIdIsCurrentTransactionId(DatumGetTransactionId(rg_spi_datum(i, 1, &is_null))))
			return true;
	}
	return false;
}
