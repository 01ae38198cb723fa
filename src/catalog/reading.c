#include "reading.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "catalog/settings.h"
#include "error.h"
#include "sql.h"

RgReadable
rg_reading_require(const RgIdentity *identity, int64 data_source_id, const char *operation)
{
	static RgStatement look = {
		.text = "SELECT max_rows, timeout, masking, status, message, detail, hint "
				"FROM rivergen_catalog.reading_target(NULL, $1, $2, $3, $4)",
	};

	rg_spi_execute(&look, rg_int8(identity->organization_id), rg_int8(data_source_id),
				   rg_int8(identity->user_id), rg_text(operation));
	if (!rg_spi_is_null(0, 4))
		rg_fail(rg_spi_int32(0, 4), rg_spi_text(0, 5), rg_spi_text(0, 6), rg_spi_text(0, 7));
	return (RgReadable){rg_spi_int64(0, 1), rg_spi_int32(0, 2), rg_spi_bool(0, 3)};
}

void
rg_reading_find_table(const RgIdentity *identity, RgRowsQuestion *question)
{
	static RgStatement look = {
		.text = "SELECT question::text, columns, found_schema, status, message, hint "
				"FROM rivergen_catalog.rows_question($1, $2, $3, $4, $5, $6)",
	};

	rg_spi_execute(&look, rg_int8(identity->organization_id), rg_int8(question->data_source_id),
				   rg_text_or_null(question->schema), rg_text(question->table),
				   question->columns != NULL ? rg_pointer(question->columns, TEXTARRAYOID)
											 : rg_null(TEXTARRAYOID),
				   rg_int8(question->limit));
	if (!rg_spi_is_null(0, 4))
		rg_fail(rg_spi_int32(0, 4), rg_spi_text(0, 5), NULL, rg_spi_text(0, 6));
	question->text = rg_spi_text(0, 1);
	question->described = rg_catalog_jsonb(0, 2);
	question->schema = rg_spi_text(0, 3);
}
