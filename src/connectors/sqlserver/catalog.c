/*
 * catalog.c — one statement for each kind of thing that a schema has.
 */
#include "connectors/sqlserver/catalog.h"

void
catalog_read_objects(Catalog *catalog, Session *session, const Features *features, const Wanted *wanted)
{
	WireBuffer sql = {0};

	*catalog = (Catalog){.objects.columns = OBJECT_COLUMNS,
						 .indexes.columns = INDEX_COLUMNS,
						 .foreign_keys.columns = FOREIGN_COLUMNS,
						 .checks.columns = CHECK_COLUMNS,
						 .row_counts.columns = COUNT_COLUMNS,
						 .sizes.columns = COUNT_COLUMNS,
						 .partitions.columns = PARTITION_COLUMNS,
						 .sequences.columns = SEQUENCE_COLUMNS};
	statement_objects(&sql, features, wanted);
	session_read(session, &sql, &catalog->objects, NULL);
}

static void
read_rows(Session *session, const Wanted *wanted, void (*write)(WireBuffer *, const Wanted *), SqlRows *rows)
{
	WireBuffer sql = {0};

	write(&sql, wanted);
	session_read(session, &sql, rows, NULL);
}

/* Sizes need a right of their own. Without it there are none. */
static void
read_sizes(Session *session, const Wanted *wanted, SqlRows *rows)
{
	WireBuffer sql = {0};
	unsigned error = 0;

	statement_sizes(&sql, wanted);
	session_read(session, &sql, rows, &error);
}

void
catalog_read(Catalog *catalog, Session *session, const Wanted *wanted)
{
	read_rows(session, wanted, statement_indexes, &catalog->indexes);
	read_rows(session, wanted, statement_foreign_keys, &catalog->foreign_keys);
	read_rows(session, wanted, statement_checks, &catalog->checks);
	read_rows(session, wanted, statement_row_counts, &catalog->row_counts);
	read_sizes(session, wanted, &catalog->sizes);
	read_rows(session, wanted, statement_partitions, &catalog->partitions);
	read_rows(session, wanted, statement_sequences, &catalog->sequences);
}

void
catalog_free(Catalog *catalog)
{
	sql_rows_free(&catalog->objects);
	sql_rows_free(&catalog->indexes);
	sql_rows_free(&catalog->foreign_keys);
	sql_rows_free(&catalog->checks);
	sql_rows_free(&catalog->row_counts);
	sql_rows_free(&catalog->sizes);
	sql_rows_free(&catalog->partitions);
	sql_rows_free(&catalog->sequences);
}
