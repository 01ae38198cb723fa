/*
 * lookup.c — asks for the relation, then for what it has.
 *
 * The server takes names with blanks at their end for the same as those without: bytes decide.
 */
#include <string.h>

#include "connectors/sqlserver/lookup.h"

/* Returns the relation's place among the rows, which is the first one that fits, or NULL. */
static const char *const *
place_of(const SqlRows *places, const char *schema, const char *name, const char *id)
{
	for (size_t i = 0; i < places->count; i++)
	{
		const char *const *row = places->items[i];

		if (row[FOUND_SCHEMA] != NULL && strcmp(row[FOUND_SCHEMA], schema) == 0 && row[FOUND_NAME] != NULL &&
			strcmp(row[FOUND_NAME], name) == 0 && (id == NULL || strcmp(row[FOUND_ID], id) == 0))
			return row;
	}
	return NULL;
}

static void
read_parts(Session *session, const char *const *place, Found *found)
{
	SqlNames ids = {.items = (const char **) &place[FOUND_ID], .count = 1};
	Wanted wanted = {.schema_id = number_of(place[FOUND_SCHEMA_ID]), .ids = &ids};
	WireBuffer sql = {0};
	Features features;

	statements_learn(session, &features);
	statement_columns(&sql, &features, &wanted);
	session_read(session, &sql, &found->columns, NULL);
	statement_indexes(&sql, &wanted);
	session_read(session, &sql, &found->indexes, NULL);
}

bool
lookup(Session *session, const char *schema, const char *name, const char *id, Found *found)
{
	SqlRows places = {.columns = FOUND_COLUMNS};
	WireBuffer sql = {0};
	const char *const *place;

	*found = (Found){.columns.columns = COLUMN_COLUMNS, .indexes.columns = INDEX_COLUMNS};
	statement_find(&sql, schema, name);
	session_read(session, &sql, &places, NULL);
	place = place_of(&places, schema, name, id);
	if (place != NULL)
		read_parts(session, place, found);
	sql_rows_free(&places);
	return found->columns.count > 0;
}

static bool
is_refused(const SqlRows *rights, const char *column_id)
{
	for (size_t i = 0; i < rights->count; i++)
		if (rights->items[i][0] != NULL && strcmp(rights->items[i][0], column_id) == 0)
			return rights->items[i][1] != NULL && strcmp(rights->items[i][1], "0") == 0;
	return false;
}

void
lookup_readable(Session *session, const char *schema, const char *name, Found *found)
{
	SqlRows rights = {.columns = 2};
	SqlRows *columns = &found->columns;
	WireBuffer sql = {0};
	size_t kept = 0;

	statement_rights(&sql, schema, name, number_of(columns->items[0][COLUMN_OBJECT]));
	session_read(session, &sql, &rights, NULL);
	for (size_t i = 0; i < columns->count; i++)
		if (!is_refused(&rights, columns->items[i][COLUMN_ID]))
			columns->items[kept++] = columns->items[i];
	columns->count = kept;
	sql_rows_free(&rights);
}

void
lookup_forget(Found *found)
{
	sql_rows_free(&found->columns);
	sql_rows_free(&found->indexes);
}
