/*
 * discover.c — describes schema after schema. Of a schema everything but the columns is held in memory; the
 * columns are read from the network, and each relation is sent once its columns are there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/mysql/catalog.h"
#include "connectors/mysql/describe.h"
#include "connectors/mysql/discover.h"

/* A statement names the relations that are wanted, up to so many; else it reads all of the schema. */
#define MOST_NAMED 100

/* The discovery of one schema. */
typedef struct Discovery
{
	Session *session;
	const Request *request;
	const Features *features;
	const char *schema;
	Catalog catalog;
	size_t next;     /* of catalog.tables: those before have been dealt with */
	SqlRows columns; /* of the relation whose columns are being read */
	SqlNames without_columns;
} Discovery;

static bool
is_selected(const Discovery *discovery, const char *relation)
{
	return wire_selects(&discovery->request->selection, discovery->schema, relation);
}

static const char *const *
table_at(const Discovery *discovery, size_t number)
{
	return discovery->catalog.tables.items[number];
}

static RelationFrame
frame_of(const Discovery *discovery, const char *const *table)
{
	return (RelationFrame){.schema = discovery->schema,
						   .name = table[TABLE_NAME],
						   .kind = relation_kind(table),
						   .row_estimate = relation_number(table[TABLE_ROWS]),
						   .size_bytes = relation_number(table[TABLE_SIZE])};
}

static void
emit_table(Discovery *discovery, const char *const *table, SqlGroup columns)
{
	SqlArena arena = {0};
	SqlRelation relation;
	RelationFrame frame = frame_of(discovery, table);
	bool is_sequence = strcmp(frame.kind, "sequence") == 0;

	if (!is_sequence && columns.count == 0)
	{
		discovery->without_columns.items[discovery->without_columns.count++] = table[TABLE_NAME];
		return;
	}
	if (is_sequence) /* the estimate is of the row that the sequence is kept in */
		frame.row_estimate = frame.size_bytes = ABSENT;
	describe(&arena, &discovery->catalog, table, columns, &relation);
	sql_emit_relation(&frame, &relation, discovery->request->document_bytes);
	sql_arena_free(&arena);
}

/* Sends the relations up to this name, to which the columns belong; NULL: all that are left. */
static void
emit_up_to(Discovery *discovery, const char *relation)
{
	SqlGroup columns = sql_rows_all(&discovery->columns);
	int order = -1;

	while (order < 0 && discovery->next < discovery->catalog.tables.count)
	{
		const char *const *table = table_at(discovery, discovery->next);

		if (relation != NULL)
			order = strcmp(table[TABLE_NAME], relation);
		if (order > 0)
			break;
		discovery->next++;
		if (is_selected(discovery, table[TABLE_NAME]))
			emit_table(discovery, table, order == 0 ? columns : (SqlGroup){0});
	}
	sql_rows_free(&discovery->columns);
}

/* A relation that has appeared since the tables were listed waits for the next discovery. */
static void
take_column(Discovery *discovery, const char *const *row)
{
	SqlRows *columns = &discovery->columns;

	if (columns->count > 0 && strcmp(columns->items[0][0], row[COLUMN_TABLE]) != 0)
		emit_up_to(discovery, columns->items[0][0]);
	sql_rows_add(columns, row);
}

static void
read_columns(Discovery *discovery, const Wanted *wanted)
{
	WireBuffer sql = {0};
	MYSQL_RES *answer;
	MYSQL_ROW row;

	discovery->columns.columns = COLUMN_COLUMNS;
	statement_columns(&sql, discovery->features, wanted);
	answer = session_ask(discovery->session, &sql, NULL);
	if (mysql_num_fields(answer) != COLUMN_COLUMNS)
		give_up_malformed();
	while ((row = session_next(discovery->session, answer, NULL)) != NULL)
		if (row[COLUMN_TABLE] != NULL && row[COLUMN_NAME] != NULL)
			take_column(discovery, (const char *const *) row);
	mysql_free_result(answer);
	if (discovery->columns.count > 0)
		emit_up_to(discovery, discovery->columns.items[0][0]);
	emit_up_to(discovery, NULL);
}

/* ---- relations without columns ---- */

/* The reason of a view that the server cannot describe is in a warning: View 'schema.name' references … */
static const char *
warning_about(const SqlRows *warnings, const char *schema, const char *name)
{
	char quoted[1024];

	snprintf(quoted, sizeof(quoted), "'%s.%s'", schema, name);
	for (size_t i = 0; i < warnings->count; i++)
		if (warnings->items[i][2] != NULL && strstr(warnings->items[i][2], quoted) != NULL)
			return warnings->items[i][2];
	return NULL;
}

static void
skip(const Discovery *discovery, const char *const *table, const SqlRows *warnings)
{
	RelationFrame frame = frame_of(discovery, table);
	const char *reason = warning_about(warnings, discovery->schema, frame.name);

	if (reason == NULL)
		reason = strcmp(frame.kind, "view") == 0
					 ? "the server cannot say which columns it has, or the user may see none of them"
					 : "the user may see none of its columns, or the server cannot open it";
	emit_skipped(&frame, reason);
}

/* What has gone since the tables were listed has no columns either. */
static void
skip_those_without_columns(Discovery *discovery)
{
	Wanted wanted = {.schema = discovery->schema, .relations = &discovery->without_columns};
	SqlRows warnings = {.columns = 3};
	WireBuffer sql = {0};
	Catalog present;

	if (discovery->without_columns.count == 0)
		return;
	wire_append_text(&sql, "SHOW WARNINGS");
	session_read(discovery->session, &sql, &warnings);
	if (discovery->without_columns.count > MOST_NAMED)
		wanted.relations = NULL;
	catalog_read_tables(&present, discovery->session, &wanted);
	for (int i = 0; i < discovery->without_columns.count; i++)
	{
		SqlGroup found = sql_rows_of(&present.tables, discovery->without_columns.items[i]);

		if (found.count > 0)
			skip(discovery, found.items[0], &warnings);
	}
	catalog_free(&present);
	sql_rows_free(&warnings);
}

/* ---- a schema ---- */

/* The names that the patterns select, if they leave out some; all of them together are a schema. */
static bool
names_selected(const Discovery *discovery, SqlArena *arena, SqlNames *names)
{
	size_t count = discovery->catalog.tables.count;

	names->items = sql_arena_allocate(arena, (count + 1) * sizeof(char *));
	for (size_t i = 0; i < count; i++)
		if (is_selected(discovery, table_at(discovery, i)[TABLE_NAME]))
			names->items[names->count++] = table_at(discovery, i)[TABLE_NAME];
	return (size_t) names->count < count && names->count <= MOST_NAMED;
}

static void
discover_relations(Discovery *discovery, SqlArena *arena)
{
	SqlNames names = {0};
	Wanted wanted = {.schema = discovery->schema};

	if (names_selected(discovery, arena, &names))
		wanted.relations = &names;
	if (names.count == 0)
		return;
	discovery->without_columns.items = sql_arena_allocate(arena, (size_t) names.count * sizeof(char *));
	catalog_read(&discovery->catalog, discovery->session, discovery->features, &wanted);
	read_columns(discovery, &wanted);
	skip_those_without_columns(discovery);
}

static void
discover_schema(Session *session, const Request *request, const Features *features, const char *const *schema)
{
	Discovery discovery = {
		.session = session, .request = request, .features = features, .schema = schema[SCHEMA_NAME]};
	SqlArena arena = {0};
	const char *comment = schema[SCHEMA_COMMENT];

	emit_schema(discovery.schema, NULL, comment && *comment ? comment : NULL);
	catalog_read_tables(&discovery.catalog, session, &(Wanted){.schema = discovery.schema});
	discovery.catalog.defaults_are_sql = session->is_mariadb && features->generation_expression;
	discover_relations(&discovery, &arena);
	catalog_free(&discovery.catalog);
	sql_arena_free(&arena);
}

static void give_up_without_schema(const char *name) __attribute__((noreturn));

static void
give_up_without_schema(const char *name)
{
	char message[512];

	snprintf(message, sizeof(message), "There is no schema \"%s\", or the user may not see it.", name);
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}

void
discover(Session *session, const Request *request)
{
	SqlRows schemas = {.columns = SCHEMA_COLUMNS};
	WireBuffer sql = {0};
	Features features;

	statements_learn(session, &features);
	statement_schemas(&sql, &features, request->schema);
	session_read(session, &sql, &schemas);
	if (request->schema && schemas.count == 0)
		give_up_without_schema(request->schema);
	emit_progress("read", ABSENT);
	for (size_t i = 0; i < schemas.count; i++)
		if (wire_selects_any_of(&request->selection, schemas.items[i][SCHEMA_NAME]) ||
			wire_selects_schema(&request->selection, schemas.items[i][SCHEMA_NAME]))
			discover_schema(session, request, &features, schemas.items[i]);
	sql_rows_free(&schemas);
}
