/*
 * discover.c — all relations, then all columns, in one call of the driver each; keys and indexes by calls
 * about each relation.
 */
#include "connectors/other/discover.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/other/catalog.h"
#include "connectors/other/describe.h"

/* More are no table. */
#define MOST_TABLE_COLUMNS 10000

typedef struct Discovery
{
	OdbcSession *session;
	const Request *request;
	SqlRows tables;
	SqlRows columns;
} Discovery;

static bool
is_in_scope(const Discovery *discovery, const char *schema)
{
	return discovery->request->schema == NULL || strcmp(discovery->request->schema, schema) == 0;
}

static bool
is_selected(const Discovery *discovery, const char *const *table)
{
	return is_in_scope(discovery, table[TABLE_SCHEMA]) &&
		   wire_selects(&discovery->request->selection, table[TABLE_SCHEMA], table[TABLE_NAME]);
}

static bool
are_same(const char *one, const char *other)
{
	return strcmp(one ? one : "", other ? other : "") == 0;
}

/* A catalog of which no relation is selected is not read. */
static bool
is_first_of_catalog(const Discovery *discovery, size_t number)
{
	const char *catalog = discovery->tables.items[number][TABLE_CATALOG];

	if (!is_selected(discovery, discovery->tables.items[number]))
		return false;
	for (size_t i = number; i-- > 0;)
	{
		const char *const *before = discovery->tables.items[i];

		if (are_same(before[TABLE_CATALOG], catalog) && is_selected(discovery, before))
			return false;
	}
	return true;
}

static void
read_columns(Discovery *discovery)
{
	const char *last = NULL;
	bool is_read = false;

	for (size_t i = 0; i < discovery->tables.count; i++)
	{
		const char *catalog = discovery->tables.items[i][TABLE_CATALOG];

		/* Rows stand by schema, and where catalogs differ, they are the schemas. */
		if ((is_read && are_same(catalog, last)) || !is_first_of_catalog(discovery, i))
			continue;
		catalog_read_columns(discovery->session, catalog, &discovery->columns);
		last = catalog;
		is_read = true;
	}
	discovery->columns.columns = COLUMN_COLUMNS;
	sql_rows_sort(&discovery->columns);
}

static void
emit_table(Discovery *discovery, const char *const *table)
{
	SqlGroup columns = sql_rows_of(&discovery->columns, table[TABLE_KEY]);
	TheirName name = {table[TABLE_CATALOG], table[TABLE_THEIR_SCHEMA], table[TABLE_NAME]};
	RelationFrame frame = {.schema = table[TABLE_SCHEMA],
						   .name = table[TABLE_NAME],
						   .kind = describe_kind(table),
						   .row_estimate = ABSENT,
						   .size_bytes = ABSENT};
	SqlRows own = {.columns = COLUMN_COLUMNS};
	SqlArena arena = {0};
	SqlRelation relation;

	if (columns.count == 0)
	{
		catalog_read_columns_of(discovery->session, &name, &own);
		columns = sql_rows_all(&own);
	}
	if (columns.count == 0 || columns.count > MOST_TABLE_COLUMNS)
		emit_skipped(&frame, columns.count == 0 ? "the driver says no columns of it"
												: "the driver says more columns of it than a table has");
	else
	{
		describe(&arena, discovery->session, table, columns, &relation, &frame.row_estimate);
		sql_emit_relation(&frame, &relation, discovery->request->document_bytes);
	}
	sql_arena_free(&arena);
	sql_rows_free(&own);
}

/* A driver may list a relation twice. */
static bool
is_repeated(const SqlRows *tables, size_t number, int column)
{
	return number > 0 && strcmp(tables->items[number - 1][column], tables->items[number][column]) == 0;
}

static void
emit_tables(Discovery *discovery)
{
	const SqlRows *tables = &discovery->tables;

	for (size_t i = 0; i < tables->count; i++)
	{
		const char *const *table = tables->items[i];
		const char *schema = table[TABLE_SCHEMA];

		if (is_in_scope(discovery, schema) && !is_repeated(tables, i, TABLE_SCHEMA) &&
			(wire_selects_any_of(&discovery->request->selection, schema) ||
			 wire_selects_schema(&discovery->request->selection, schema)))
			emit_schema(schema, NULL, NULL);
		if (is_selected(discovery, table) && !is_repeated(tables, i, TABLE_KEY))
			emit_table(discovery, table);
	}
}

static void
look_for_schema(const Discovery *discovery)
{
	char message[512];

	for (size_t i = 0; i < discovery->tables.count; i++)
		if (is_in_scope(discovery, discovery->tables.items[i][TABLE_SCHEMA]))
			return;
	snprintf(message, sizeof(message),
			 "There is no schema \"%s\", or it is empty, or the user may not see it.",
			 discovery->request->schema);
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}

void
discover(OdbcSession *session, const Request *request)
{
	Discovery discovery = {.session = session, .request = request};

	catalog_read_tables(session, &discovery.tables);
	if (request->schema)
		look_for_schema(&discovery);
	emit_progress("read", (int64_t) discovery.tables.count);
	read_columns(&discovery);
	emit_tables(&discovery);
	sql_rows_free(&discovery.tables);
	sql_rows_free(&discovery.columns);
}
