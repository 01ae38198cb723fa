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
#include "connectors/common/memory.h"
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

/* ---- the relations of a schema ---- */

/* A relation that is wanted. */
typedef struct Listed
{
	const char *const *row;
	bool is_view;
} Listed;

static int
add_selected(const Discovery *discovery, Listed *listed, int count, const SqlRows *rows, bool are_views)
{
	for (size_t i = 0; i < rows->count; i++)
	{
		const char *name = rows->items[i][SHOWN_NAME];

		/* Two pages may have a name in common. */
		if ((i == 0 || strcmp(rows->items[i - 1][SHOWN_NAME], name) != 0) &&
			wire_selects(&discovery->request->selection, discovery->schema, name))
			listed[count++] = (Listed){.row = rows->items[i], .is_view = are_views};
	}
	return count;
}

static void
ask_about(const Discovery *discovery, MembersAsked *asked, const Listed *listed)
{
	catalog_ask_members(asked, &discovery->catalog, discovery->service, discovery->schema,
						listed->row[SHOWN_NAME], listed->is_view);
}

/* One that was dropped meanwhile is no longer a relation. */
static void
tell_relation(Discovery *discovery, MembersAsked *asked, const Listed *listed)
{
	HttpFailure failure;

	if (catalog_take_members(&discovery->catalog, asked, &failure))
		emit_described(discovery, listed->row, listed->is_view);
	else if (!failure_is_missing(&failure))
		skip(discovery, listed->row[SHOWN_NAME], &failure);
}

/* In the order of the lists, whatever the order of the answers is. Ahead of a relation that is told go others
 * whose members are under way. */
static void
tell_one_by_one(Discovery *discovery, const Listed *listed, int count)
{
	int ahead = discovery->request->connections > 0 ? discovery->request->connections : 1;
	MembersAsked *asked = allocate((size_t) ahead * sizeof(MembersAsked));

	for (int i = 0; i < count && i < ahead; i++)
		ask_about(discovery, &asked[i], &listed[i]);
	for (int i = 0; i < count; i++)
	{
		tell_relation(discovery, &asked[i % ahead], &listed[i]);
		if (i + ahead < count)
			ask_about(discovery, &asked[i % ahead], &listed[i + ahead]);
	}
	free(asked);
}

static void
tell_relations(Discovery *discovery, const Listed *listed, int count)
{
	HttpFailure failure;

	emit_progress("read", count);
	if (count == 0)
		return;
	if (!catalog_read_members(&discovery->catalog, discovery->service, discovery->schema, &failure))
		skip(discovery, NULL, &failure);
	else if (!catalog_is_whole(&discovery->catalog))
		tell_one_by_one(discovery, listed, count);
	else
		for (int i = 0; i < count; i++)
			emit_described(discovery, listed[i].row, listed[i].is_view);
}

static void
discover_schema(Discovery *discovery)
{
	Catalog *catalog = &discovery->catalog;
	HttpFailure failure;
	Listed *listed;
	int count;

	if (!catalog_read_relations(catalog, discovery->service, discovery->schema, &failure))
	{
		skip(discovery, NULL, &failure);
		return;
	}
	listed = allocate((catalog->tables.count + catalog->views.count + 1) * sizeof(Listed));
	count = add_selected(discovery, listed, 0, &catalog->tables, false);
	count = add_selected(discovery, listed, count, &catalog->views, true);
	tell_relations(discovery, listed, count);
	free(listed);
}

/* ---- the schemas ---- */

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
