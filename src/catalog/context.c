/*
 * context.c — the schema as text for writers of queries.
 */
#include "catalog/context.h"

#include "catalog/pg_type.h"

#include "catalog/settings.h"
#include "sql.h"

static RgArgument
texts_or_null(ArrayType *texts)
{
	return texts != NULL ? rg_pointer(texts, TEXTARRAYOID) : rg_null(TEXTARRAYOID);
}

Jsonb *
rg_context(int64 organization_id, const RgContext *context)
{
	static RgStatement make = {
		.text =
			"SELECT rivergen_catalog.context_answer($1, $2, nullif($3, 0), $4, $5, $6, $7, nullif($8, 0), "
			"$9, $10, $11)",
	};

	rg_spi_read(&make, rg_int8(organization_id), rg_text_or_null(context->question),
				rg_int8(context->data_source_id), texts_or_null(context->schemas),
				texts_or_null(context->tables), rg_text(context->format), rg_int4(context->budget),
				rg_int4(context->max_tables), rg_bool(context->examples), rg_bool(context->hints),
				rg_bool(context->descriptions));
	return rg_catalog_jsonb(0, 1);
}
