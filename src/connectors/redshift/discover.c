/*
 * discover.c — describes schema after schema; the catalogs of one are held in memory.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/redshift/catalog.h"
#include "connectors/redshift/describe.h"
#include "connectors/redshift/discover.h"

static void
discover_relation(const Request *request, const Catalog *catalog, const char *schema,
				  const char *const *table)
{
	SqlArena arena = {0};
	SqlRelation relation;
	RelationFrame frame = {.schema = schema, .name = table[TABLE_NAME]};

	describe(&arena, catalog, table, &relation, &frame);
	if (relation.column_count == 0)
		emit_skipped(&frame,
					 "the server does not say which columns it has, or the user may see none of them");
	else
		sql_emit_relation(&frame, &relation, request->document_bytes);
	sql_arena_free(&arena);
}

static void
discover_schema(Session *session, const Request *request, const char *const *schema)
{
	const char *name = schema[SCHEMA_NAME];
	Catalog catalog;

	emit_schema(name, schema[SCHEMA_ID], schema[SCHEMA_COMMENT]);
	catalog_read(&catalog, session, name);
	for (size_t i = 0; i < catalog.tables.count; i++)
	{
		const char *const *table = catalog.tables.items[i];

		if (wire_selects(&request->selection, name, table[TABLE_NAME]))
			discover_relation(request, &catalog, name, table);
	}
	catalog_free(&catalog);
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

	catalog_read_schemas(session, &schemas);
	if (request->schema && sql_rows_of(&schemas, request->schema).count == 0)
		give_up_without_schema(request->schema);
	emit_progress("read", ABSENT);
	for (size_t i = 0; i < schemas.count; i++)
	{
		const char *name = schemas.items[i][SCHEMA_NAME];
		bool is_wanted = request->schema == NULL || strcmp(request->schema, name) == 0;

		if (is_wanted && (wire_selects_any_of(&request->selection, name) ||
						  wire_selects_schema(&request->selection, name)))
			discover_schema(session, request, schemas.items[i]);
	}
	sql_rows_free(&schemas);
}
