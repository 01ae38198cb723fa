/*
 * discover.c — describes owner after owner; what the dictionary says of one is held in memory.
 */
#include "connectors/oracle/discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/oracle/catalog.h"
#include "connectors/oracle/describe.h"

/* Of versions whose dictionary does not say which users are Oracle's own. */
static bool
is_owner_of_oracle(const char *name)
{
	static const char *const names[] = {"ANONYMOUS",
										"APPQOSSYS",
										"CTXSYS",
										"DBSNMP",
										"DIP",
										"EXFSYS",
										"LBACSYS",
										"MDDATA",
										"MDSYS",
										"MGMT_VIEW",
										"OLAPSYS",
										"ORACLE_OCM",
										"ORDDATA",
										"ORDPLUGINS",
										"ORDSYS",
										"OUTLN",
										"OWBSYS",
										"OWBSYS_AUDIT",
										"SI_INFORMTN_SCHEMA",
										"SPATIAL_CSW_ADMIN_USR",
										"SPATIAL_WFS_ADMIN_USR",
										"SYS",
										"SYSMAN",
										"SYSTEM",
										"WMSYS",
										"XDB",
										"XS$NULL"};

	if (strncmp(name, "APEX_", 5) == 0 || strncmp(name, "FLOWS_", 6) == 0)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool
is_wanted(const Request *request, const Features *features, const char *owner)
{
	if (!features->oracle_maintained && is_owner_of_oracle(owner))
		return false;
	if (request->schema && strcmp(request->schema, owner) != 0)
		return false;
	return wire_selects_any_of(&request->selection, owner) || wire_selects_schema(&request->selection, owner);
}

static bool
is_selected(const Request *request, const Catalog *catalog, size_t number)
{
	const char *const *object = catalog->objects.items[number];

	/* A materialized view comes before the table of its name. */
	if (number > 0 && strcmp(catalog->objects.items[number - 1][ROW_KEY], object[ROW_KEY]) == 0)
		return false;
	return wire_selects(&request->selection, catalog->owner, object[ROW_KEY]);
}

static bool
is_any_selected(const Request *request, const Catalog *catalog)
{
	for (size_t i = 0; i < catalog->objects.count; i++)
		if (is_selected(request, catalog, i))
			return true;
	return false;
}

static int64_t
row_estimate(const Catalog *catalog, const char *name)
{
	SqlGroup tables = sql_rows_of(&catalog->tables, name);
	const char *rows = tables.count > 0 ? tables.items[0][TABLE_ROWS] : NULL;

	return rows ? strtoll(rows, NULL, 10) : ABSENT;
}

static bool
has_no_columns(const Catalog *catalog, const char *const *object)
{
	return strcmp(object[OBJECT_TYPE], "SEQUENCE") != 0 && strcmp(object[OBJECT_TYPE], "SYNONYM") != 0 &&
		   relation_columns(catalog, object).count == 0;
}

static void
emit_object(const Request *request, Catalog *catalog, const char *const *object)
{
	SqlArena arena = {0};
	SqlRelation relation;
	RelationFrame frame = {.schema = catalog->owner,
						   .name = object[ROW_KEY],
						   .id = object[OBJECT_ID],
						   .row_estimate = row_estimate(catalog, object[ROW_KEY]),
						   .size_bytes = ABSENT};

	if (object[OBJECT_TYPE] == NULL || (frame.kind = relation_kind(catalog, object)) == NULL)
		return;
	if (has_no_columns(catalog, object))
	{
		emit_skipped(&frame, "the user may see none of its columns");
		return;
	}
	describe(&arena, catalog, object, &relation);
	sql_emit_relation(&frame, &relation, request->document_bytes);
	sql_arena_free(&arena);
}

static void
discover_owner(OdbcSession *session, const Features *features, const Request *request, const char *owner)
{
	Catalog catalog;

	catalog_read_objects(&catalog, session, features, owner);
	/* Most users of a database own nothing. */
	if (catalog.objects.count > 0 || request->schema)
		emit_schema(owner, NULL, NULL);
	if (is_any_selected(request, &catalog))
	{
		catalog_read(&catalog);
		for (size_t i = 0; i < catalog.objects.count; i++)
			if (is_selected(request, &catalog, i))
				emit_object(request, &catalog, catalog.objects.items[i]);
	}
	catalog_free(&catalog);
}

static void
check_schema(const SqlRows *owners, const char *name)
{
	char message[512];

	if (sql_rows_of(owners, name).count > 0)
		return;
	snprintf(message, sizeof(message), "There is no schema \"%s\", or the user may not see it.", name);
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}

void
discover(OdbcSession *session, const Features *features, const Request *request)
{
	SqlRows owners;

	if (!statement_read(session, features,
						features->oracle_maintained ? &statement_owners : &statement_all_owners, &(Wanted){0},
						&owners))
		give_up(&(Failure){.step = "query",
						   .code = "query",
						   .message = "The data dictionary of the server cannot be read.",
						   .hint = "The driver must be of an Oracle Database, whose views ALL_USERS and "
								   "ALL_OBJECTS every user may read."});
	if (request->schema)
		check_schema(&owners, request->schema);
	emit_progress("read", ABSENT);
	for (size_t i = 0; i < owners.count; i++)
		if (is_wanted(request, features, owners.items[i][ROW_KEY]))
			discover_owner(session, features, request, owners.items[i][ROW_KEY]);
	sql_rows_free(&owners);
}
