#include "connectors/redshift/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/redshift/describe.h"
#include "connectors/sql/quote.h"

bool
lookup(Session *session, const char *schema, const char *name, const char *id, Found *found)
{
	SqlGroup tables;

	*found = (Found){.frame = {.schema = schema, .name = name}};
	catalog_read_relation(&found->catalog, session, schema, name);
	tables = sql_rows_of(&found->catalog.tables, name);
	if (tables.count == 0)
		return false;
	describe(&found->arena, &found->catalog, tables.items[0], &found->relation, &found->frame);
	if (id != NULL && (found->frame.id == NULL || strcmp(found->frame.id, id) != 0))
		return false;
	return found->relation.column_count > 0;
}

void
lookup_forget(Found *found)
{
	catalog_free(&found->catalog);
	sql_arena_free(&found->arena);
}

const SqlColumn *
lookup_column(const Found *found, const char *name)
{
	for (int i = 0; i < found->relation.column_count; i++)
		if (strcmp(found->relation.columns[i].name, name) == 0)
			return &found->relation.columns[i];
	return NULL;
}

static bool
is_stored_as(const char *const *stored, const PGresult *told, int column)
{
	Oid relation = PQftable(told, column);

	if (stored[STORED_NAME] == NULL || stored[STORED_ID] == NULL || stored[STORED_TYPE_ID] == NULL ||
		stored[STORED_MODIFIER] == NULL)
		return false;
	return strcmp(stored[STORED_NAME], PQfname(told, column)) == 0 &&
		   strtoul(stored[STORED_TYPE_ID], NULL, 10) == PQftype(told, column) &&
		   strtol(stored[STORED_MODIFIER], NULL, 10) == PQfmod(told, column) &&
		   (relation == InvalidOid || strtoul(stored[STORED_ID], NULL, 10) == relation);
}

bool
lookup_is_told(const Found *found, const PGresult *told)
{
	for (int column = 0; column < PQnfields(told); column++)
	{
		bool is_found = false;

		for (size_t i = 0; i < found->catalog.stored.count && !is_found; i++)
			is_found = is_stored_as(found->catalog.stored.items[i], told, column);
		if (!is_found)
			return false;
	}
	return true;
}

/* Redshift gives bytes as digits without a sign before them. Nested values of Spectrum are no values. */
bool
lookup_write_value(WireBuffer *sql, const SqlColumn *column)
{
	bool is_bytes = column->pg_type != NULL && strcmp(column->pg_type, "bytea") == 0;

	if (strchr(column->type, '<') != NULL)
		return false;
	wire_append_text(sql, is_bytes ? "CHR(92) || 'x' || FROM_VARBYTE(" : "");
	sql_quote_name(sql, column->name, '"', '"');
	wire_append_text(sql, is_bytes ? ", 'hex')" : "");
	return true;
}

void
lookup_write_relation(WireBuffer *sql, const char *schema, const char *name)
{
	wire_append_text(sql, " FROM ");
	sql_quote_name(sql, schema, '"', '"');
	wire_append_text(sql, ".");
	sql_quote_name(sql, name, '"', '"');
}
