/*
 * discover.c — describes schema after schema. A schema is told by a few SHOW, for which no warehouse runs. Of
 * columns and keys the service tells 10,000 at once and no more: where there may be others, relation after
 * relation is asked for.
 */
#include "connectors/snowflake/discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/service/answer.h"
#include "connectors/snowflake/describe.h"
#include "connectors/sql/members.h"

/* The discovery of one schema. */
typedef struct Discovery
{
	const Request *request;
	Service *service;
	const char *schema;
	Catalog catalog;
} Discovery;

static int64_t
number_of(const char *text)
{
	return sql_integer(text) == NULL || text[0] == '-' ? ABSENT : strtoll(text, NULL, 10);
}

static void
skip(const Discovery *discovery, const char *name, const HttpFailure *failure)
{
	char reason[512];

	if (strcmp(failure->code, "permission") != 0 && strcmp(failure->code, "query") != 0 &&
		strcmp(failure->code, "too_large") != 0 && !failure_is_missing(failure))
		http_failure_report(failure);
	snprintf(reason, sizeof(reason), "%s %s", failure->message, failure->detail);
	emit_skipped(&(RelationFrame){.schema = discovery->schema, .name = name}, reason);
}

static RelationFrame
frame_of(const Discovery *discovery, const char *const *row, bool is_view)
{
	RelationFrame frame = {.schema = discovery->schema,
						   .name = row[SHOWN_NAME],
						   .kind = is_view ? describe_view_kind(row) : describe_table_kind(row),
						   .row_estimate = ABSENT,
						   .size_bytes = ABSENT};

	if (!is_view)
	{
		frame.row_estimate = number_of(row[TABLE_ROWS]);
		frame.size_bytes = number_of(row[TABLE_BYTES]);
	}
	return frame;
}

static void
emit_described(Discovery *discovery, const char *const *row, bool is_view)
{
	SqlArena arena = {0};
	SqlRelation relation;
	RelationFrame frame = frame_of(discovery, row, is_view);

	describe_relation(&relation, &arena, &discovery->catalog, row, discovery->service->database, is_view);
	if (relation.column_count == 0 && is_view)
		emit_skipped(&frame, "the service tells none of its columns: what it reads may be gone");
	else
		sql_emit_relation(&frame, &relation, discovery->request->document_bytes);
	sql_arena_free(&arena);
}

/* One that was dropped meanwhile is no longer a relation. */
static void
discover_relation(Discovery *discovery, const char *const *row, bool is_view)
{
	const char *name = row[SHOWN_NAME];
	HttpFailure failure;

	if (!wire_selects(&discovery->request->selection, discovery->schema, name))
		return;
	if (catalog_read_members_of(&discovery->catalog, discovery->service, discovery->schema, name, is_view,
								&failure))
		emit_described(discovery, row, is_view);
	else if (!failure_is_missing(&failure))
		skip(discovery, name, &failure);
}

static size_t
count_selected(const Discovery *discovery, const SqlRows *rows)
{
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		count += wire_selects(&discovery->request->selection, discovery->schema, rows->items[i][SHOWN_NAME]);
	return count;
}

static void
discover_schema(Discovery *discovery)
{
	Catalog *catalog = &discovery->catalog;
	size_t count;
	HttpFailure failure;

	if (!catalog_read_relations(catalog, discovery->service, discovery->schema, &failure))
	{
		skip(discovery, NULL, &failure);
		return;
	}
	count = count_selected(discovery, &catalog->tables) + count_selected(discovery, &catalog->views);
	emit_progress("read", (int64_t) count);
	if (count == 0)
		return;
	if (!catalog_read_members(catalog, discovery->service, discovery->schema, &failure))
	{
		skip(discovery, NULL, &failure);
		return;
	}
	for (size_t i = 0; i < catalog->tables.count; i++)
		discover_relation(discovery, catalog->tables.items[i], false);
	for (size_t i = 0; i < catalog->views.count; i++)
		discover_relation(discovery, catalog->views.items[i], true);
}

static bool
is_wanted(const Request *request, const char *schema)
{
	return request->schema != NULL ? strcmp(request->schema, schema) == 0
								   : wire_selects_any_of(&request->selection, schema);
}

static void give_up_missing_schema(const char *name) __attribute__((noreturn));

static void
give_up_missing_schema(const char *name)
{
	char message[512];

	snprintf(message, sizeof(message), "There is no schema \"%.300s\" in the database.", name);
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}

void
discover_schemas(const Request *request, Service *service, const SqlRows *schemas)
{
	int found = 0;

	for (size_t i = 0; i < schemas->count; i++)
	{
		Discovery discovery = {
			.request = request, .service = service, .schema = schemas->items[i][SHOWN_NAME]};

		if (!is_wanted(request, discovery.schema))
			continue;
		found++;
		emit_schema(discovery.schema, NULL, schemas->items[i][SCHEMA_COMMENT]);
		discover_schema(&discovery);
		catalog_free(&discovery.catalog);
	}
	if (request->schema != NULL && found == 0)
		give_up_missing_schema(request->schema);
}
