/*
 * catalog.c — one statement for each view of information_schema, and one for each sequence.
 */
#include <string.h>

#include "connectors/mysql/catalog.h"

void
catalog_read_tables(Catalog *catalog, Session *session, const Wanted *wanted)
{
	WireBuffer sql = {0};

	*catalog = (Catalog){.is_mariadb = session->is_mariadb,
						 .tables.columns = TABLE_COLUMNS,
						 .foreign_keys.columns = FOREIGN_COLUMNS,
						 .indexes.columns = INDEX_COLUMNS,
						 .checks.columns = CHECK_COLUMNS,
						 .views.columns = VIEW_COLUMNS,
						 .partitions.columns = PARTITION_COLUMNS,
						 .sequences.columns = SEQUENCE_COLUMNS};
	statement_tables(&sql, wanted);
	session_read(session, &sql, &catalog->tables);
}

/* A sequence that the user may not read, or that has just gone, has no row. */
static void
read_sequence(Catalog *catalog, Session *session, const char *schema, const char *name)
{
	WireBuffer sql = {0};
	unsigned error = 0;
	MYSQL_RES *answer;
	MYSQL_ROW row;

	statement_sequence(&sql, schema, name);
	answer = session_ask(session, &sql, &error);
	if (answer == NULL)
		return;
	while ((row = session_next(session, answer, &error)) != NULL)
		if (mysql_num_fields(answer) == SEQUENCE_COLUMNS && row[0] != NULL)
			sql_rows_add(&catalog->sequences, (const char *const *) row);
	mysql_free_result(answer);
}

static bool
has_relation_of_type(const Catalog *catalog, const char *type)
{
	for (size_t i = 0; i < catalog->tables.count; i++)
	{
		const char *its = catalog->tables.items[i][TABLE_TYPE];

		if (its != NULL && strcmp(its, type) == 0)
			return true;
	}
	return false;
}

static void
read_sequences(Catalog *catalog, Session *session, const char *schema)
{
	for (size_t i = 0; i < catalog->tables.count; i++)
	{
		const char *const *table = catalog->tables.items[i];

		if (table[TABLE_TYPE] != NULL && strcmp(table[TABLE_TYPE], "SEQUENCE") == 0)
			read_sequence(catalog, session, schema, table[TABLE_NAME]);
	}
}

void
catalog_read(Catalog *catalog, Session *session, const Features *features, const Wanted *wanted)
{
	WireBuffer sql = {0};

	statement_foreign_keys(&sql, wanted);
	session_read(session, &sql, &catalog->foreign_keys);
	statement_indexes(&sql, features, wanted);
	session_read(session, &sql, &catalog->indexes);
	if (features->checks)
	{
		statement_checks(&sql, features, wanted);
		session_read(session, &sql, &catalog->checks);
	}
	if (has_relation_of_type(catalog, "VIEW"))
	{
		statement_views(&sql, wanted);
		session_read(session, &sql, &catalog->views);
	}
	statement_partitions(&sql, wanted);
	session_read(session, &sql, &catalog->partitions);
	read_sequences(catalog, session, wanted->schema);
}

void
catalog_free(Catalog *catalog)
{
	sql_rows_free(&catalog->tables);
	sql_rows_free(&catalog->foreign_keys);
	sql_rows_free(&catalog->indexes);
	sql_rows_free(&catalog->checks);
	sql_rows_free(&catalog->views);
	sql_rows_free(&catalog->partitions);
	sql_rows_free(&catalog->sequences);
}
