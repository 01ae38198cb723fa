/*
 * oracle_catalog.c — the answers of Oracle's data dictionary, from which a relation is described.
 *
 * Sources: src/wire src/connectors/common/memory.c src/connectors/sql/arena.c
 * Sources: src/connectors/sql/rows.c src/connectors/sql/quote.c src/connectors/sql/members.c
 * Sources: src/connectors/oracle/describe.c src/connectors/oracle/types.c src/connectors/oracle/catalog.c
 * Uses: connector catalog oracle
 */
#include "connectors/oracle/describe.h"

#include "lib/catalog.h"

/* What orders the rows is always there. */
static SqlRows
ordered(FuzzRest *rest, int columns, int most)
{
	return fuzz_columns(rest, columns, most, 1);
}

/* Keys of other owners are read when they are asked for; here none are found. */
bool
statement_read(OdbcSession *session, const Features *features, const Statement *statement,
			   const Wanted *wanted, SqlRows *rows)
{
	rows->columns = statement->cells;
	return false;
}

static void
take_tables(Catalog *catalog, FuzzRest *rest)
{
	catalog->tables = ordered(rest, TABLE_COLUMNS, 1);
	catalog->external_tables = ordered(rest, EXTERNAL_COLUMNS, 1);
	catalog->partitions = ordered(rest, PARTITION_COLUMNS, 1);
	catalog->partition_keys = ordered(rest, PARTITION_KEY_COLUMNS, 2);
	catalog->indexes = ordered(rest, INDEX_COLUMNS, 4);
	catalog->expressions = ordered(rest, EXPRESSION_COLUMNS, 2);
}

static void
take_others(Catalog *catalog, FuzzRest *rest)
{
	catalog->views = ordered(rest, VIEW_COLUMNS, 1);
	catalog->long_views = ordered(rest, LONG_COLUMNS, 1);
	catalog->materialized_views = ordered(rest, LONG_COLUMNS, 1);
	catalog->sequences = ordered(rest, SEQUENCE_COLUMNS, 1);
	catalog->synonyms = ordered(rest, SYNONYM_COLUMNS, 1);
	catalog->synonym_columns = ordered(rest, COLUMN_COLUMNS, 2);
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	Features features = {.identity = true};
	Catalog catalog = {.features = &features, .owner = "o"};
	SqlArena arena = {0};
	SqlRelation relation;

	catalog.objects = ordered(&rest, OBJECT_COLUMNS, 1);
	catalog.columns = ordered(&rest, COLUMN_COLUMNS, 4);
	catalog.defaults = ordered(&rest, DEFAULT_COLUMNS, 2);
	catalog.identities = ordered(&rest, IDENTITY_COLUMNS, 1);
	catalog.comments = ordered(&rest, COMMENT_COLUMNS, 1);
	catalog.column_comments = ordered(&rest, COLUMN_COMMENT_COLUMNS, 2);
	catalog.constraints = ordered(&rest, CONSTRAINT_COLUMNS, 3);
	catalog.key_columns = ordered(&rest, KEY_COLUMNS, 3);
	catalog.long_conditions = ordered(&rest, CONDITION_COLUMNS, 1);
	take_tables(&catalog, &rest);
	take_others(&catalog, &rest);
	if (catalog.objects.count == 0 || relation_kind(&catalog, catalog.objects.items[0]) == NULL)
		fuzz_end();
	describe(&arena, &catalog, catalog.objects.items[0], &relation);
	fuzz_check_relation(&relation);
}
