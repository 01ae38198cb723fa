#include "connectors/cassandra/catalog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* ---- values of the catalog as texts ---- */

typedef enum CellForm
{
	CELL_TEXT,
	CELL_INTEGER,
	CELL_BOOLEAN, /* "true", or NULL */
	CELL_WORDS,   /* of a set of texts */
	CELL_MEMBER   /* of a map of texts */
} CellForm;

typedef struct Cell
{
	CellForm form;
	const char *member;
} Cell;

/* A text that has a NUL in it, which no name has, ends there. */
static char *
words_text(Bytes value)
{
	Body body = body_of(value.bytes, value.length);
	WireBuffer words = {0};

	for (int32_t count = body_int(&body); count > 0 && !body.is_broken; count--)
	{
		Bytes word = body_value(&body);

		wire_append(&words, " ", words.length > 0);
		wire_append(&words, (const char *) word.bytes, word.length);
	}
	wire_append(&words, "", 1);
	if (words.failed)
		give_up_out_of_memory();
	return words.data;
}

static char *
member_text(Bytes value, const char *name)
{
	Body body = body_of(value.bytes, value.length);

	for (int32_t count = body_int(&body); count > 0 && !body.is_broken; count--)
	{
		Bytes key = body_value(&body);
		Bytes member = body_value(&body);

		if (bytes_are(key, name))
			return bytes_text(member);
	}
	return NULL;
}

static char *
integer_text(Bytes value)
{
	Body body = body_of(value.bytes, value.length);
	char text[16];

	snprintf(text, sizeof(text), "%" PRId32, body_int(&body));
	return copy_text(text);
}

static char *
cell_text(Bytes value, const Cell *cell)
{
	if (value.bytes == NULL)
		return NULL;
	switch (cell->form)
	{
		case CELL_INTEGER:
			return integer_text(value);
		case CELL_BOOLEAN:
			return value.length == 1 && value.bytes[0] != 0 ? copy_text("true") : NULL;
		case CELL_WORDS:
			return words_text(value);
		case CELL_MEMBER:
			return member_text(value, cell->member);
		default:
			return bytes_text(value);
	}
}

#define MOST_CELLS 8

/* What is read of a table that servers compatible with Cassandra may lack: it is empty there. */
static bool
begin_optional(Answer *answer, Session *session, const Statement *statement, int columns)
{
	uint32_t error = 0;

	if (answer_begin(answer, session, statement, columns, &error))
		return true;
	if (error != CQL_INVALID)
		give_up_query(error);
	return false;
}

/* Adds the rows of the statement; each has a text at first. */
static void
read_rows(Session *session, const Statement *statement, bool is_optional, const Cell *cells, SqlRows *rows)
{
	Bytes values[MOST_CELLS];
	Answer answer;

	if (!is_optional)
		answer_begin(&answer, session, statement, rows->columns, NULL);
	else if (!begin_optional(&answer, session, statement, rows->columns))
		return;
	while (answer_next(&answer, values, NULL))
	{
		char *texts[MOST_CELLS];

		for (int i = 0; i < rows->columns; i++)
			texts[i] = cell_text(values[i], &cells[i]);
		if (texts[0] != NULL)
			sql_rows_add(rows, (const char *const *) texts);
		for (int i = 0; i < rows->columns; i++)
			free(texts[i]);
	}
	answer_end(&answer);
}

static Statement
statement_about(const char *text, const char *keyspace, const char *relation)
{
	Statement statement = {0};

	wire_append_text(&statement.text, text);
	if (keyspace)
	{
		wire_append_text(&statement.text, " WHERE keyspace_name = ?");
		statement_add(&statement, keyspace, strlen(keyspace));
	}
	if (relation)
	{
		wire_append_text(&statement.text, " AND table_name = ?");
		statement_add(&statement, relation, strlen(relation));
	}
	return statement;
}

static void
read_about(Session *session, const char *text, const char *keyspace, const char *relation, const Cell *cells,
		   SqlRows *rows)
{
	Statement statement = statement_about(text, keyspace, relation);

	read_rows(session, &statement, false, cells, rows);
	statement_free(&statement);
}

static void
read_optional(Session *session, const char *text, const char *keyspace, const Cell *cells, SqlRows *rows)
{
	Statement statement = statement_about(text, keyspace, NULL);

	read_rows(session, &statement, true, cells, rows);
	statement_free(&statement);
}

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

	read_about(session, "SELECT release_version FROM system.local", NULL, NULL, cells, &releases);
	if (releases.count != 1)
		give_up_malformed();
	snprintf(session->release, sizeof(session->release), "%.*s",
			 (int) strspn(releases.items[0][0], "0123456789."), releases.items[0][0]);
	read_about(session, "SELECT keyspace_name FROM system_schema.keyspaces", keyspace, NULL, cells,
			   &keyspaces);
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
	read_about(session, "SELECT keyspace_name FROM system_schema.keyspaces", asked, NULL, cells, keyspaces);
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
	Statement statement = statement_about(
		"SELECT type_name, field_names, field_types FROM system_schema.types", catalog->keyspace, NULL);
	Bytes values[3];
	Answer answer;

	if (begin_optional(&answer, session, &statement, 3))
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
	read_about(session, "SELECT table_name, flags FROM system_schema.tables", catalog->keyspace, relation,
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
	read_about(session,
			   "SELECT table_name, column_name, kind, position, clustering_order, type FROM "
			   "system_schema.columns",
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
	read_about(
		session,
		"SELECT table_name, comment, default_time_to_live, compaction, flags FROM system_schema.tables",
		catalog->keyspace, NULL, cells, &catalog->tables);
}

static void
read_views(Session *session, Catalog *catalog)
{
	static const Cell cells[VIEW_COLUMNS] = {{CELL_TEXT, NULL},      {CELL_TEXT, NULL}, {CELL_INTEGER, NULL},
											 {CELL_MEMBER, "class"}, {CELL_TEXT, NULL}, {CELL_BOOLEAN, NULL},
											 {CELL_TEXT, NULL}};

	catalog->views.columns = VIEW_COLUMNS;
	read_optional(session,
				  "SELECT view_name, comment, default_time_to_live, compaction, base_table_name, "
				  "include_all_columns, where_clause FROM system_schema.views",
				  catalog->keyspace, cells, &catalog->views);
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
	read_optional(session, "SELECT table_name, index_name, kind, options, options FROM system_schema.indexes",
				  catalog->keyspace, cells, &catalog->indexes);
}

void
catalog_read(Session *session, Catalog *catalog)
{
	read_tables(session, catalog);
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
