#include "connectors/cassandra/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/cassandra/cells.h"
#include "connectors/common/emit.h"

/* ---- the server ---- */

static void give_up_without_keyspace(const char *keyspace) __attribute__((noreturn));

static void
give_up_without_keyspace(const char *keyspace)
{
	char message[256];

	snprintf(message, sizeof(message), "There is no keyspace \"%s\".", keyspace);
	give_up(&(Failure){.step = "connect",
					   .code = "database_not_found",
					   .message = message,
					   .hint = "Upper and lower case differ in names that were created in double quotes."});
}

void
catalog_begin(Session *session, const char *keyspace)
{
	static const Cell cells[] = {{CELL_TEXT, NULL}};
	SqlRows releases = {.columns = 1};
	SqlRows keyspaces = {.columns = 1};

	cells_read(session, "SELECT release_version FROM system.local", NULL, NULL, cells, &releases);
	if (releases.count != 1)
		give_up_malformed();
	snprintf(session->release, sizeof(session->release), "%.*s",
			 (int) strspn(releases.items[0][0], "0123456789."), releases.items[0][0]);
	catalog_keyspaces(session, keyspace, &keyspaces);
	if (keyspaces.count == 0)
		give_up_without_keyspace(keyspace);
	sql_rows_free(&releases);
	sql_rows_free(&keyspaces);
}

static bool
is_of_server(const char *keyspace)
{
	static const char *const names[] = {
		"system",        "system_auth",  "system_distributed",    "system_schema",
		"system_traces", "system_views", "system_virtual_schema", "system_cluster_metadata"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(keyspace, names[i]) == 0)
			return true;
	return strncmp(keyspace, "system_distributed_", 19) == 0 || strncmp(keyspace, "dse_", 4) == 0;
}

static int
compare_names(const void *one, const void *other)
{
	const char *const *first = *(const char *const *const *) one;
	const char *const *second = *(const char *const *const *) other;
	int order = strcmp(first[0], second[0]);

	return order != 0 || first[1] == NULL || second[1] == NULL ? order : strcmp(first[1], second[1]);
}

static void
sort_by_name(SqlRows *rows)
{
	if (rows->count > 1)
		qsort(rows->items, rows->count, sizeof(rows->items[0]), compare_names);
}

/* The server has them in the order of their hashes. */
void
catalog_keyspaces(Session *session, const char *asked, SqlRows *keyspaces)
{
	static const Cell cells[] = {{CELL_TEXT, NULL}};
	size_t count = 0;

	keyspaces->columns = 1;
	cells_read(session, "SELECT keyspace_name FROM system_schema.keyspaces", asked, NULL, cells, keyspaces);
	if (asked != NULL && keyspaces->count == 0)
		cells_read_optional(session, "SELECT keyspace_name FROM system_virtual_schema.keyspaces", asked, NULL,
							cells, keyspaces);
	for (size_t i = 0; i < keyspaces->count; i++)
		if (asked != NULL || !is_of_server(keyspaces->items[i][0]))
			keyspaces->items[count++] = keyspaces->items[i];
	keyspaces->count = count;
	sort_by_name(keyspaces);
}

/* ---- a keyspace ---- */

static void
read_types(Session *session, Catalog *catalog)
{
	Statement statement = cells_statement(
		"SELECT type_name, field_names, field_types FROM system_schema.types", catalog->keyspace, NULL);
	Bytes values[3];
	Answer answer;

	if (cells_begin_optional(&answer, session, &statement, 3))
		while (answer_next(&answer, values, NULL))
			user_types_add(&catalog->types, values[0], values[1], values[2]);
	answer_end(&answer);
	statement_free(&statement);
}

/* The order of the kinds, then of the positions, then of the names. */
static int
kind_order(const char *kind)
{
	static const char *const kinds[] = {"partition_key", "clustering", "static"};
	int order = 0;

	while (order < 3 && (kind == NULL || strcmp(kind, kinds[order]) != 0))
		order++;
	return order;
}

static int
position_of(const char *const *row)
{
	return row[COLUMN_POSITION] ? atoi(row[COLUMN_POSITION]) : 0;
}

static int
compare_columns(const void *one, const void *other)
{
	const char *const *first = *(const char *const *const *) one;
	const char *const *second = *(const char *const *const *) other;
	int order = strcmp(first[COLUMN_TABLE], second[COLUMN_TABLE]);

	if (order == 0)
		order = kind_order(first[COLUMN_KIND]) - kind_order(second[COLUMN_KIND]);
	if (order == 0)
		order = (position_of(first) > position_of(second)) - (position_of(first) < position_of(second));
	return order != 0 ? order : strcmp(first[COLUMN_NAME], second[COLUMN_NAME]);
}

/* ---- compact tables ---- */

bool
flags_have(const char *flags, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = flags; at != NULL && *at != '\0'; at += strspn(at, " "))
	{
		size_t found = strcspn(at, " ");

		if (found == length && memcmp(at, word, length) == 0)
			return true;
		at += found;
	}
	return false;
}

static bool
is_kind(const char *const *row, const char *kind)
{
	return row[COLUMN_KIND] != NULL && strcmp(row[COLUMN_KIND], kind) == 0;
}

/* Tables that were made by Thrift, or as it makes them, with columns that are called static though each
 * partition is one row. */
static bool
is_static_compact(const SqlRows *flags, const char *relation)
{
	SqlGroup found = sql_rows_of(flags, relation);
	const char *words = found.count == 1 ? found.items[0][1] : NULL;

	return words != NULL && !flags_have(words, "compound") && !flags_have(words, "dense") &&
		   !flags_have(words, "super");
}

static bool
has_static(const SqlRows *columns)
{
	for (size_t i = 0; i < columns->count; i++)
		if (is_kind(columns->items[i], "static"))
			return true;
	return false;
}

static void
read_flags(Session *session, const char *relation, const Catalog *catalog, SqlRows *flags)
{
	static const Cell cells[] = {{CELL_TEXT, NULL}, {CELL_WORDS, NULL}};

	if (!has_static(&catalog->columns))
		return;
	cells_read(session, "SELECT table_name, flags FROM system_schema.tables", catalog->keyspace, relation,
			   cells, flags);
	sort_by_name(flags);
}

/* The catalog has columns of compact tables that no statement may name, and some have no name. */
static bool
is_hidden(const SqlRows *flags, const char *const *row)
{
	if (row[COLUMN_NAME] == NULL || row[COLUMN_NAME][0] == '\0' || row[COLUMN_TYPE] == NULL ||
		strcmp(row[COLUMN_TYPE], "empty") == 0)
		return true;
	return (is_kind(row, "clustering") || is_kind(row, "regular")) &&
		   is_static_compact(flags, row[COLUMN_TABLE]);
}

static void
leave_out_hidden(Session *session, const char *relation, Catalog *catalog)
{
	SqlRows *columns = &catalog->columns;
	SqlRows flags = {.columns = 2};
	size_t count = 0;

	read_flags(session, relation, catalog, &flags);
	for (size_t i = 0; i < columns->count; i++)
	{
		const char **row = columns->items[i];

		if (is_hidden(&flags, row))
			continue;
		if (is_kind(row, "static") && is_static_compact(&flags, row[COLUMN_TABLE]))
			row[COLUMN_KIND] = "regular";
		columns->items[count++] = row;
	}
	columns->count = count;
	sql_rows_free(&flags);
}

/* ---- all of it ---- */

void
catalog_read_columns(Session *session, const char *relation, Catalog *catalog)
{
	static const Cell cells[COLUMN_COLUMNS] = {{CELL_TEXT, NULL},    {CELL_TEXT, NULL}, {CELL_TEXT, NULL},
											   {CELL_INTEGER, NULL}, {CELL_TEXT, NULL}, {CELL_TEXT, NULL}};
	SqlRows *columns = &catalog->columns;

	read_types(session, catalog);
	columns->columns = COLUMN_COLUMNS;
	cells_read(session,
			   "SELECT table_name, column_name, kind, position, clustering_order, type FROM "
			   "system_schema.columns",
			   catalog->keyspace, relation, cells, columns);
	if (columns->count == 0)
		cells_read_optional(session,
							"SELECT table_name, column_name, kind, position, clustering_order, type FROM "
							"system_virtual_schema.columns",
							catalog->keyspace, relation, cells, columns);
	leave_out_hidden(session, relation, catalog);
	if (columns->count > 1)
		qsort(columns->items, columns->count, sizeof(columns->items[0]), compare_columns);
}

static void
read_tables(Session *session, Catalog *catalog)
{
	static const Cell cells[TABLE_COLUMNS] = {{CELL_TEXT, NULL},
											  {CELL_TEXT, NULL},
											  {CELL_INTEGER, NULL},
											  {CELL_MEMBER, "class"},
											  {CELL_WORDS, NULL}};

	catalog->tables.columns = TABLE_COLUMNS;
	cells_read(
		session,
		"SELECT table_name, comment, default_time_to_live, compaction, flags FROM system_schema.tables",
		catalog->keyspace, NULL, cells, &catalog->tables);
}

/* Of keyspaces whose rows the server makes when they are asked for, Cassandra 4.0 and later tell apart from
 * the others. */
static void
read_virtual_tables(Session *session, Catalog *catalog)
{
	static const Cell cells[] = {{CELL_TEXT, NULL}, {CELL_TEXT, NULL}};
	SqlRows tables = {.columns = 2};

	cells_read_optional(session, "SELECT table_name, comment FROM system_virtual_schema.tables",
						catalog->keyspace, NULL, cells, &tables);
	for (size_t i = 0; i < tables.count; i++)
	{
		const char *row[TABLE_COLUMNS] = {
			[TABLE_NAME] = tables.items[i][0], [TABLE_COMMENT] = tables.items[i][1]};

		sql_rows_add(&catalog->tables, row);
	}
	sql_rows_free(&tables);
}

static void
read_views(Session *session, Catalog *catalog)
{
	static const Cell cells[VIEW_COLUMNS] = {{CELL_TEXT, NULL},      {CELL_TEXT, NULL}, {CELL_INTEGER, NULL},
											 {CELL_MEMBER, "class"}, {CELL_TEXT, NULL}, {CELL_BOOLEAN, NULL},
											 {CELL_TEXT, NULL}};

	catalog->views.columns = VIEW_COLUMNS;
	cells_read_optional(session,
						"SELECT view_name, comment, default_time_to_live, compaction, base_table_name, "
						"include_all_columns, where_clause FROM system_schema.views",
						catalog->keyspace, NULL, cells, &catalog->views);
}

static void
read_indexes(Session *session, Catalog *catalog)
{
	static const Cell cells[INDEX_COLUMNS + 1] = {{CELL_TEXT, NULL},
												  {CELL_TEXT, NULL},
												  {CELL_TEXT, NULL},
												  {CELL_MEMBER, "class_name"},
												  {CELL_MEMBER, "target"}};

	catalog->indexes.columns = INDEX_COLUMNS;
	cells_read_optional(session,
						"SELECT table_name, index_name, kind, options, options FROM system_schema.indexes",
						catalog->keyspace, NULL, cells, &catalog->indexes);
}

void
catalog_read(Session *session, Catalog *catalog)
{
	read_tables(session, catalog);
	if (catalog->tables.count == 0)
		read_virtual_tables(session, catalog);
	read_views(session, catalog);
	read_indexes(session, catalog);
	catalog_read_columns(session, NULL, catalog);
	sort_by_name(&catalog->tables);
	sort_by_name(&catalog->views);
	sort_by_name(&catalog->indexes);
}

SqlGroup
catalog_columns(const Catalog *catalog, const char *relation)
{
	return sql_rows_of(&catalog->columns, relation);
}

void
catalog_free(Catalog *catalog)
{
	sql_rows_free(&catalog->tables);
	sql_rows_free(&catalog->views);
	sql_rows_free(&catalog->columns);
	sql_rows_free(&catalog->indexes);
	user_types_free(&catalog->types);
}
