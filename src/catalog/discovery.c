#include "catalog/discovery.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "bounded.h"
#include "settings.h"
#include "sql.h"

/*
 * A worker sees only committed rows. The xmin of source and credentials says whether the caller's own
 * transaction wrote them.
 */
bool
rg_discovery_source(int64 organization_id, int64 data_source_id, RgDiscoverySource *source)
{
	static RgStatement look = {
		.text =
			"SELECT d.maintenance, d.xmin, coalesce(c.xmin, d.xmin), d.type FROM rivergen_catalog.data_source d "
			"LEFT JOIN rivergen_catalog.credential c USING (organization_id, data_source_id) "
			"WHERE organization_id = $1 AND data_source_id = $2 AND d.deleted_at IS NULL",
	};
	bool is_null;

	if (rg_spi_execute(&look, rg_int8(organization_id), rg_int8(data_source_id)) == 0)
		return false;
	source->type = rg_spi_text(0, 4);
	source->maintenance = rg_spi_bool(0, 1);
	source->uncommitted =
		TransactionIdIsCurrentTransactionId(DatumGetTransactionId(rg_spi_datum(0, 2, &is_null))) ||
		TransactionIdIsCurrentTransactionId(DatumGetTransactionId(rg_spi_datum(0, 3, &is_null)));
	return true;
}

char *
rg_discovery_exclusion(int64 organization_id, int64 data_source_id, const char *schema)
{
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.exclusion_of_schema($1, $2, $3)",
	};

	rg_spi_execute(&look, rg_int8(organization_id), rg_int8(data_source_id), rg_text(schema));
	return rg_spi_text(0, 1);
}

Jsonb *
rg_discovery_cached(int64 organization_id, int64 data_source_id, const char *schema, bool latest)
{
	static RgStatement look = {
		.text = "SELECT (SELECT b FROM rivergen_catalog.discovery_cached($1, $2, $3) b)",
	};

	if (latest)
		rg_spi_execute_latest(&look, rg_int8(organization_id), rg_int8(data_source_id),
							  rg_text_or_null(schema));
	else
		rg_spi_execute(&look, rg_int8(organization_id), rg_int8(data_source_id), rg_text_or_null(schema));
	return rg_spi_is_null(0, 1) ? NULL : rg_catalog_jsonb(0, 1);
}

bool
rg_discovery_history(int64 organization_id, int64 data_source_id, TimestampTz *begins_at)
{
	static RgStatement look = {
		.text = "SELECT begins_at FROM rivergen_catalog.schema_history "
				"WHERE organization_id = $1 AND data_source_id = $2",
	};
	bool is_null;

	if (rg_spi_read(&look, rg_int8(organization_id), rg_int8(data_source_id)) == 0)
		return false;
	*begins_at = DatumGetTimestampTz(rg_spi_datum(0, 1, &is_null));
	return true;
}

int64
rg_discovery_bytes_as_of(int64 organization_id, int64 data_source_id, TimestampTz at)
{
	static RgStatement look = {
		.text = "SELECT coalesce(sum(rivergen_catalog.stored_bytes(document)), 0)::bigint "
				"FROM rivergen_catalog.relations_as_of($1, $2, $3)",
	};

	rg_spi_read(&look, rg_int8(organization_id), rg_int8(data_source_id), rg_timestamptz(at));
	return rg_spi_int64(0, 1);
}

bool
rg_discovery_job_end(int64 organization_id, int64 job_id, RgJobEnd *end)
{
	static RgStatement look = {
		.text = "SELECT status, error_code, error_message, error_detail, result FROM rivergen_catalog.job "
				"WHERE organization_id = $1 AND job_id = $2",
	};

	if (rg_spi_execute_latest(&look, rg_int8(organization_id), rg_int8(job_id)) == 0)
		return false;
	end->status = rg_spi_text(0, 1);
	end->error_code = rg_spi_text(0, 2);
	end->error_message = rg_spi_text(0, 3);
	end->error_detail = rg_spi_text(0, 4);
	end->result = rg_spi_is_null(0, 5) ? NULL : rg_catalog_jsonb(0, 5);
	return true;
}

Jsonb *
rg_discovery_job_body(int64 organization_id, int64 job_id)
{
	static RgStatement look = {
		.text = "SELECT body FROM rivergen_catalog.shown_job "
				"WHERE organization_id = $1 AND job_id = $2",
	};

	return rg_spi_read(&look, rg_int8(organization_id), rg_int8(job_id)) > 0 ? rg_catalog_jsonb(0, 1) : NULL;
}

Jsonb *
rg_discovery_job_page(int64 organization_id, int64 data_source_id, const char *status, int32 page,
					  int32 page_size)
{
	static RgStatement measure = {
		.text = "SELECT b FROM rivergen_catalog.job_page_bytes($1, nullif($2, 0), $3, $4, $5) b",
	};
	static RgStatement look = {
		.text = "SELECT rivergen_catalog.job_page($1, nullif($2, 0), $3, $4, $5)",
	};

	rg_spi_read(&measure, rg_int8(organization_id), rg_int8(data_source_id), rg_text_or_null(status),
				rg_int4(page), rg_int4(page_size));
	rg_bounded_require(rg_spi_int64(0, 1), "Ask for a smaller page (page_size).");
	rg_spi_read(&look, rg_int8(organization_id), rg_int8(data_source_id), rg_text_or_null(status),
				rg_int4(page), rg_int4(page_size));
	return rg_catalog_jsonb(0, 1);
}

/* Planned for the arguments of each call, except for one table of one schema. */
static RgStatement *
locating(const RgSchemasQuestion *question)
{
	static RgStatement any = {
		.text =
			"SELECT ids, bytes, total FROM rivergen_catalog.located_relations($1, $2, $3, $4, $5, $6, $7)",
		.options = CURSOR_OPT_CUSTOM_PLAN,
	};
	static RgStatement one = {
		.text = "SELECT ids, bytes, total FROM rivergen_catalog.located_relation($1, $2, $3, $4, $5)",
		.options = CURSOR_OPT_GENERIC_PLAN,
	};

	return question->schema != NULL && question->table != NULL && question->page_size == 0 ? &one : &any;
}

RgLocated
rg_discovery_locate(int64 organization_id, const RgSchemasQuestion *question)
{
	rg_spi_read(locating(question), rg_int8(organization_id), rg_int8(question->data_source_id),
				rg_text_or_null(question->schema), rg_text_or_null(question->table),
				rg_bool(question->include_columns), rg_int4(question->page),
				question->page_size != 0 ? rg_int4(question->page_size) : rg_null(INT4OID));
	return rg_located();
}

Jsonb *
rg_discovered_schemas(int64 organization_id, const RgSchemasQuestion *question, const RgLocated *located)
{
	static RgStatement look = {
		.text = "SELECT CASE WHEN $7 IS NULL THEN b ELSE b || jsonb_build_object('pagination', "
				"rivergen_catalog.pagination($8, $7, $9)) END "
				"FROM rivergen_catalog.discovered_schemas($1, $2, $3, $4, $5, $6) b",
		.options = CURSOR_OPT_GENERIC_PLAN,
	};
	bool with_empty = question->table == NULL && (question->page_size == 0 || question->page == 1);

	rg_spi_read(&look, rg_int8(organization_id), rg_int8(question->data_source_id),
				rg_text_or_null(question->schema), located->ids, rg_bool(question->include_columns),
				rg_bool(with_empty),
				question->page_size != 0 ? rg_int8(question->page_size) : rg_null(INT8OID),
				rg_int8(question->page), rg_int8(located->total));
	return rg_catalog_jsonb(0, 1);
}

bool
rg_discovery_has_schema(int64 organization_id, int64 data_source_id, const char *schema)
{
	static RgStatement look = {
		.text = "SELECT FROM rivergen_catalog.source_schema "
				"WHERE organization_id = $1 AND data_source_id = $2 AND schema_name = $3",
	};

	return rg_spi_read(&look, rg_int8(organization_id), rg_int8(data_source_id), rg_text(schema)) > 0;
}
