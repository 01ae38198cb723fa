#include "connectors/cassandra/discover.h"

#include <stdio.h>
#include <string.h>

#include "connectors/cassandra/describe.h"
#include "connectors/cassandra/sizes.h"
#include "connectors/common/emit.h"

typedef void (*Describe)(SqlArena *arena, const Catalog *catalog, const char *const *row,
						 SqlRelation *relation);

/* Where rows have no order within their partition, each partition is one row. */
static int64_t
estimate_rows(const Catalog *catalog, const Sizes *sizes, const char *relation)
{
	SqlGroup columns = catalog_columns(catalog, relation);

	for (size_t i = 0; i < columns.count; i++)
		if (columns.items[i][COLUMN_KIND] && strcmp(columns.items[i][COLUMN_KIND], "clustering") == 0)
			return ABSENT;
	return sizes_partitions(sizes, relation);
}

static void
emit_one(const Request *request, const Catalog *catalog, const Sizes *sizes, const char *const *row,
		 const char *kind, Describe describe)
{
	RelationFrame frame = {.schema = catalog->keyspace,
						   .name = row[TABLE_NAME],
						   .kind = kind,
						   .row_estimate = estimate_rows(catalog, sizes, row[TABLE_NAME]),
						   .size_bytes = sizes_bytes(sizes, row[TABLE_NAME])};
	SqlArena arena = {0};
	SqlRelation relation;

	if (!wire_selects(&request->selection, catalog->keyspace, row[TABLE_NAME]))
		return;
	describe(&arena, catalog, row, &relation);
	sql_emit_relation(&frame, &relation, request->document_bytes);
	sql_arena_free(&arena);
}

/* Tables and views have names of one kind, and come in the order of these. */
static void
emit_relations(const Request *request, const Catalog *catalog, const Sizes *sizes)
{
	size_t tables = 0;
	size_t views = 0;

	while (tables < catalog->tables.count || views < catalog->views.count)
	{
		const char *const *table = tables < catalog->tables.count ? catalog->tables.items[tables] : NULL;
		const char *const *view = views < catalog->views.count ? catalog->views.items[views] : NULL;

		if (view == NULL || (table != NULL && strcmp(table[TABLE_NAME], view[VIEW_NAME]) <= 0))
		{
			emit_one(request, catalog, sizes, table, "table", describe_table);
			tables++;
		}
		else
		{
			emit_one(request, catalog, sizes, view, "materialized_view", describe_view);
			views++;
		}
	}
}

static void
discover_keyspace(Session *session, const Request *request, const char *keyspace)
{
	Catalog catalog = {.keyspace = keyspace};
	Sizes sizes = {.items = NULL};

	emit_schema(keyspace, NULL, NULL);
	catalog_read(session, &catalog);
	sizes_read(session, keyspace, &sizes);
	emit_relations(request, &catalog, &sizes);
	sizes_free(&sizes);
	catalog_free(&catalog);
}

static void give_up_without_schema(const char *name) __attribute__((noreturn));

static void
give_up_without_schema(const char *name)
{
	char message[512];

	snprintf(message, sizeof(message), "There is no keyspace \"%s\".", name);
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}

void
discover(Session *session, const Request *request)
{
	SqlRows keyspaces = {.columns = 1};

	catalog_keyspaces(session, request->schema, &keyspaces);
	if (request->schema && keyspaces.count == 0)
		give_up_without_schema(request->schema);
	emit_progress("read", ABSENT);
	for (size_t i = 0; i < keyspaces.count; i++)
		if (wire_selects_any_of(&request->selection, keyspaces.items[i][0]) ||
			wire_selects_schema(&request->selection, keyspaces.items[i][0]))
			discover_keyspace(session, request, keyspaces.items[i][0]);
	sql_rows_free(&keyspaces);
}
