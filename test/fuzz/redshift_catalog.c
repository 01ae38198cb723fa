/*
 * redshift_catalog.c — the answers of Redshift's catalogs, from which a relation is described.
 *
 * Sources: src/wire src/connectors/common/memory.c src/connectors/sql/arena.c
 * Sources: src/connectors/sql/rows.c src/connectors/sql/quote.c src/connectors/sql/members.c
 * Sources: src/connectors/redshift/describe.c src/connectors/redshift/types.c
 * Uses: connector catalog
 */
#include "connectors/redshift/describe.h"

#include "lib/catalog.h"

/* What orders the rows is always there. */
static SqlRows
ordered(FuzzRest *rest, int columns, int most)
{
	return fuzz_columns(rest, columns, most, 1);
}

void
give_up_malformed(void)
{
	fuzz_end();
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	Catalog catalog = {0};
	SqlArena arena = {0};
	SqlRelation relation;
	RelationFrame frame = {.schema = "s", .name = "r"};

	catalog.tables = ordered(&rest, TABLE_COLUMNS, 1);
	catalog.columns = ordered(&rest, COLUMN_COLUMNS, 4);
	catalog.stored = ordered(&rest, STORED_COLUMNS, 4);
	catalog.late = ordered(&rest, LOOSE_COLUMNS, 2);
	catalog.external_columns = ordered(&rest, LOOSE_COLUMNS, 2);
	catalog.keys = ordered(&rest, KEY_COLUMNS, 3);
	catalog.referenced = ordered(&rest, REFERENCED_COLUMNS, 3);
	catalog.external = ordered(&rest, EXTERNAL_COLUMNS, 1);
	catalog.sizes = ordered(&rest, SIZE_COLUMNS, 1);
	catalog.views = ordered(&rest, VIEW_COLUMNS, 1);
	if (catalog.tables.count == 0)
		fuzz_end();
	describe(&arena, &catalog, catalog.tables.items[0], &relation, &frame);
	fuzz_check_relation(&relation);
}
