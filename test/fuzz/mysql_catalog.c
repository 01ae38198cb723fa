/*
 * mysql_catalog.c — the answers of a MySQL or MariaDB server's catalog, from which a relation is described:
 * types with their words, defaults, keys, checks, partitions.
 *
 * Sources: src/wire src/connectors/common/memory.c src/connectors/sql/arena.c
 * Sources: src/connectors/sql/rows.c src/connectors/sql/quote.c src/connectors/sql/members.c
 * Sources: src/connectors/mysql/describe.c src/connectors/mysql/types.c
 * Sources: src/connectors/mysql/statements.c src/connectors/mysql/json_check.c
 * Uses: connector catalog
 */
#include "connectors/mysql/describe.h"

#include "lib/catalog.h"

/* Here no server is asked. */
void
session_read(Session *session, WireBuffer *sql, SqlRows *rows)
{
	fuzz_must(false, "a description needs no server");
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	unsigned char flags = fuzz_byte(&rest);
	Catalog catalog = {.is_mariadb = flags & 1, .defaults_are_sql = flags & 2};
	SqlArena arena = {0};
	SqlRelation relation;
	SqlRows columns;

	catalog.tables = fuzz_rows(&rest, TABLE_COLUMNS, 1);
	columns = fuzz_columns(&rest, COLUMN_COLUMNS, 4, COLUMN_NAME);
	catalog.indexes = fuzz_rows(&rest, INDEX_COLUMNS, 4);
	catalog.foreign_keys = fuzz_rows(&rest, FOREIGN_COLUMNS, 3);
	catalog.checks = fuzz_rows(&rest, CHECK_COLUMNS, 2);
	catalog.views = fuzz_rows(&rest, VIEW_COLUMNS, 1);
	catalog.partitions = fuzz_rows(&rest, PARTITION_COLUMNS, 1);
	catalog.sequences = fuzz_rows(&rest, SEQUENCE_COLUMNS, 1);
	if (catalog.tables.count == 0)
		fuzz_end();
	describe(&arena, &catalog, catalog.tables.items[0], sql_rows_all(&columns), &relation);
	fuzz_check_relation(&relation);
}
