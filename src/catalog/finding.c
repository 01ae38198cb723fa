/*
 * finding.c — searches the dictionary.
 */
#include "finding.h"

#include "catalog/pg_type.h"

#include "catalog/settings.h"
#include "sql.h"

Jsonb *
rg_search_place(const char *cursor)
{
	static RgStatement read = {
		.text = "SELECT rivergen_catalog.search_place($1)",
	};

	rg_spi_execute(&read, rg_text(cursor));
	return rg_spi_is_null(0, 1) ? NULL : rg_catalog_jsonb(0, 1);
}

RgSearchWords
rg_search_words(const char *query)
{
	static RgStatement parse = {
		.text =
			"SELECT given IS NOT NULL, tags IS NOT NULL, cardinality(words), NOT EXISTS (SELECT FROM unnest(kinds) k "
			"WHERE k <> ALL ('{source,schema,table,column}')) FROM rivergen_catalog.parsed_search($1)",
	};

	rg_spi_execute(&parse, rg_text(query));
	return (RgSearchWords){
		.has_words = rg_spi_bool(0, 1),
		.has_tags = rg_spi_bool(0, 2),
		.count = rg_spi_int32(0, 3),
		.kinds_are_known = rg_spi_bool(0, 4),
	};
}

static RgArgument
texts_or_null(ArrayType *texts)
{
	return texts != NULL ? rg_pointer(texts, TEXTARRAYOID) : rg_null(TEXTARRAYOID);
}

Jsonb *
rg_search(int64 organization_id, const RgSearch *search, Jsonb *place)
{
	static RgStatement find = {
		.text = "SELECT rivergen_catalog.search_answer($1, $2, $3, nullif($4, 0), $5, $6, $7, $8, $9)",
	};

	rg_spi_read(&find, rg_int8(organization_id), rg_text(search->query), texts_or_null(search->kinds),
				rg_int8(search->data_source_id), rg_text_or_null(search->schema), texts_or_null(search->tags),
				rg_int4(search->limit), rg_jsonb_or_null(place), rg_bool(search->facets));
	return rg_catalog_jsonb(0, 1);
}
