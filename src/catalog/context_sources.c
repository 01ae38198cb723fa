/*
 * context_sources.c — what a schema context says about the sources of its relations.
 */
#include "catalog/context_sources.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"

#include "catalog/context_text.h"
#include "compat.h"
#include "sql.h"

#define MOST_SOURCES    20 /* that are named */
#define SHORTEST_SOURCE 6
#define LONGEST_DIALECT 60

char *
rg_context_source_name(const char *name, int longest)
{
	char *quoted = rg_context_quoted(name, longest);

	return quoted != NULL ? quoted : pstrdup("\"\"");
}

/* The names that fit into the bytes, and the first in any case, cut until it fits. */
static void
append_source(StringInfo names, const char *name, int64 bytes)
{
	bool is_first = names->len == 0;
	int longest = RG_CONTEXT_LONGEST_SOURCE;
	char *quoted = rg_context_source_name(name, longest);

	while (is_first && (int64) strlen(quoted) > bytes && longest > SHORTEST_SOURCE)
		quoted = rg_context_source_name(name, longest /= 2);
	if (is_first || names->len + 2 + (int64) strlen(quoted) <= bytes)
		appendStringInfo(names, "%s%s", is_first ? "" : ", ", quoted);
}

RgContextSources
rg_context_sources(int64 organization_id, ArrayType *ids, int64 bytes)
{
	static RgStatement read = {
		.text =
			"SELECT d.name, regexp_replace(coalesce(max(r.dialect COLLATE \"C\"), d.type), '[^[:alnum:] ._()+-]+', ' ', 'g'), "
			"rivergen_catalog.time_text(min(min(t.schema_discovered_at)) OVER ()) "
			"FROM unnest($2) AS i (id) "
			"CROSS JOIN LATERAL (SELECT r.organization_id, r.data_source_id, r.dialect FROM rivergen_catalog.relation r "
			"WHERE r.organization_id = $1 AND r.relation_id = i.id OFFSET 0) r "
			"JOIN rivergen_catalog.data_source d USING (organization_id, data_source_id) "
			"JOIN rivergen_catalog.data_source_state t USING (organization_id, data_source_id) "
			"GROUP BY d.organization_id, d.data_source_id ORDER BY d.data_source_id LIMIT $3",
		.types = {INT8OID, INT8ARRAYOID, INT4OID},
	};
	Portal portal = rg_spi_open(
		&read, (Datum[]){Int64GetDatum(organization_id), PointerGetDatum(ids), Int32GetDatum(MOST_SOURCES)},
		NULL);
	uint64 rows = rg_spi_fetch(portal, MOST_SOURCES);
	StringInfoData names;
	RgContextSources sources = {0};

	initStringInfo(&names);
	for (uint64 i = 0; i < rows; i++)
		append_source(&names, rg_spi_text(i, 1), bytes);
	sources.names = names.data;
	if (rows == 1)
		sources.dialect = rg_context_line(rg_spi_text(0, 2), LONGEST_DIALECT);
	if (rows > 0)
		sources.discovered_at = rg_spi_text(0, 3);
	SPI_cursor_close(portal);
	return sources;
}
