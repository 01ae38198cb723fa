/*
 * sqlserver_catalog.c — the answers of a SQL Server's catalog, from which a relation is described.
 *
 * Sources: src/wire src/connectors/common/memory.c src/connectors/sql/arena.c
 * Sources: src/connectors/sql/rows.c src/connectors/sql/quote.c src/connectors/sql/members.c
 * Sources: src/connectors/sqlserver/describe.c src/connectors/sqlserver/types.c
 * Sources: src/connectors/sqlserver/statements.c
 * Uses: connector catalog
 */
#include "connectors/sqlserver/describe.h"

#include "lib/catalog.h"

/* Here no server is asked. */
bool
session_read(Session *session, WireBuffer *sql, SqlRows *rows, unsigned *error)
{
	fuzz_must(false, "a description needs no server");
	return false;
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	Catalog catalog = {0};
	SqlArena arena = {0};
	SqlRelation relation;
	SqlRows columns;

	catalog.objects = fuzz_rows(&rest, OBJECT_COLUMNS, 1);
	columns = fuzz_columns(&rest, COLUMN_COLUMNS, 4, COLUMN_NAME);
	catalog.indexes = fuzz_rows(&rest, INDEX_COLUMNS, 4);
	catalog.foreign_keys = fuzz_rows(&rest, FOREIGN_COLUMNS, 3);
	catalog.checks = fuzz_rows(&rest, CHECK_COLUMNS, 2);
	catalog.partitions = fuzz_rows(&rest, PARTITION_COLUMNS, 1);
	catalog.sequences = fuzz_rows(&rest, SEQUENCE_COLUMNS, 1);
	if (catalog.objects.count == 0)
		fuzz_end();
	describe(&arena, &catalog, catalog.objects.items[0], sql_rows_all(&columns), &relation);
	fuzz_check_relation(&relation);
}
