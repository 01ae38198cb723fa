/*
 * discover.c — describes schema after schema. Of a schema everything but the columns is held in memory; the
 * columns are read from the network, and each relation is sent once its columns are there.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/sqlserver/catalog.h"
#include "connectors/sqlserver/describe.h"
#include "connectors/sqlserver/discover.h"

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
	size_t next;     /* of catalog.objects: those before have been dealt with */
	SqlRows columns; /* of the relation whose columns are being read */
} Discovery;

static bool
is_selected(const Discovery *discovery, const char *const *object)
{
	return object[OBJECT_NAME] != NULL && object[OBJECT_TYPE] != NULL &&
		   wire_selects(&discovery->request->selection, discovery->schema, object[OBJECT_NAME]);
}

static const char *const *
object_at(const Discovery *discovery, size_t number)
{
	return discovery->catalog.objects.items[number];
}

static int64_t
count_of(const SqlRows *counts, const char *const *object)
{
	SqlGroup rows = sql_rows_of(counts, object[OBJECT_ID]);

	return rows.count == 0 ? ABSENT : number_of(rows.items[0][COUNT_NUMBER]);
}

static void
emit_object(Discovery *discovery, const char *const *object, SqlGroup columns)
{
	SqlArena arena = {0};
	SqlRelation relation;
	RelationFrame frame = {.schema = discovery->schema,
						   .name = object[OBJECT_NAME],
						   .kind = relation_kind(&discovery->catalog, object),
						   .id = object[OBJECT_ID],
						   .row_estimate = count_of(&discovery->catalog.row_counts, object),
						   .size_bytes = count_of(&discovery->catalog.sizes, object)};

	if (columns.count == 0 && strcmp(object[OBJECT_TYPE], "SN") != 0 &&
		strcmp(object[OBJECT_TYPE], "SO") != 0)
	{
		emit_skipped(&frame, "the user may see none of its columns");
		return;
	}
	describe(&arena, &discovery->catalog, object, columns, &relation);
	sql_emit_relation(&frame, &relation, discovery->request->document_bytes);
	sql_arena_free(&arena);
}

/* Sends the relations up to this id, to which the columns belong; NULL: all that are left. */
static void
emit_up_to(Discovery *discovery, const char *id)
{
	SqlGroup columns = sql_rows_all(&discovery->columns);
	int order = -1;

	while (order < 0 && discovery->next < discovery->catalog.objects.count)
	{
		const char *const *object = object_at(discovery, discovery->next);

		if (id != NULL)
			order = strcmp(object[OBJECT_ID], id);
		if (order > 0)
			break;
		discovery->next++;
		if (is_selected(discovery, object))
			emit_object(discovery, object, order == 0 ? columns : (SqlGroup){0});
	}
	sql_rows_free(&discovery->columns);
}

/* A relation that has appeared since the objects were listed waits for the next discovery. */
static void
take_column(Discovery *discovery, const char *const *row)
{
	SqlRows *columns = &discovery->columns;

	if (columns->count > 0 && strcmp(columns->items[0][0], row[COLUMN_OBJECT]) != 0)
		emit_up_to(discovery, columns->items[0][0]);
	sql_rows_add(columns, row);
}

static void
read_columns(Discovery *discovery, const Wanted *wanted)
{
	WireBuffer sql = {0};
	const char *const *row;

	discovery->columns.columns = COLUMN_COLUMNS;
	statement_columns(&sql, discovery->features, wanted);
	session_ask(discovery->session, &sql, NULL);
	if (discovery->session->columns != COLUMN_COLUMNS)
		give_up_malformed();
	while ((row = session_next(discovery->session, NULL)) != NULL)
		if (row[COLUMN_OBJECT] != NULL && row[COLUMN_NAME] != NULL)
			take_column(discovery, row);
	if (discovery->columns.count > 0)
		emit_up_to(discovery, discovery->columns.items[0][0]);
	emit_up_to(discovery, NULL);
}

/* The relations that the patterns select, if they leave out some; all of them together are a schema. */
static bool
ids_selected(const Discovery *discovery, SqlArena *arena, SqlNames *ids)
{
	size_t count = discovery->catalog.objects.count;

	ids->items = sql_arena_allocate(arena, (count + 1) * sizeof(char *));
	for (size_t i = 0; i < count; i++)
		if (is_selected(discovery, object_at(discovery, i)))
			ids->items[ids->count++] = object_at(discovery, i)[OBJECT_ID];
	return (size_t) ids->count < count && ids->count <= MOST_NAMED;
}

static void
discover_relations(Discovery *discovery, SqlArena *arena, int64_t schema_id)
{
	SqlNames ids = {0};
	Wanted wanted = {.schema_id = schema_id};

	if (ids_selected(discovery, arena, &ids))
		wanted.ids = &ids;
	if (ids.count == 0)
		return;
	catalog_read(&discovery->catalog, discovery->session, &wanted);
	read_columns(discovery, &wanted);
}

static void
discover_schema(Session *session, const Request *request, const Features *features, const char *const *schema)
{
	Discovery discovery = {
		.session = session, .request = request, .features = features, .schema = schema[SCHEMA_NAME]};
	Wanted wanted = {.schema_id = number_of(schema[SCHEMA_ID])};
	SqlArena arena = {0};

	emit_schema(discovery.schema, schema[SCHEMA_ID], schema[SCHEMA_COMMENT]);
	catalog_read_objects(&discovery.catalog, session, features, &wanted);
	discover_relations(&discovery, &arena, wanted.schema_id);
	catalog_free(&discovery.catalog);
	sql_arena_free(&arena);
}

static bool
is_wanted(const Request *request, const char *schema)
{
	if (request->schema && strcmp(request->schema, schema) != 0)
		return false;
	return wire_selects_any_of(&request->selection, schema) ||
		   wire_selects_schema(&request->selection, schema);
}

static void
check_schema(const SqlRows *schemas, const char *name)
{
	char message[512];

	for (size_t i = 0; i < schemas->count; i++)
		if (strcmp(schemas->items[i][SCHEMA_NAME], name) == 0)
			return;
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
	statement_schemas(&sql);
	session_read(session, &sql, &schemas, NULL);
	if (request->schema)
		check_schema(&schemas, request->schema);
	emit_progress("read", ABSENT);
	for (size_t i = 0; i < schemas.count; i++)
		if (is_wanted(request, schemas.items[i][SCHEMA_NAME]))
			discover_schema(session, request, &features, schemas.items[i]);
	sql_rows_free(&schemas);
}
