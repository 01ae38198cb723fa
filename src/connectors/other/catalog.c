/*
 * catalog.c — calls SQLTables, SQLColumns and their kin, and keeps the rows.
 */
#include "connectors/other/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/odbc/failure.h"

/* Between schema and name in a key. */
#define SEPARATOR "\001"

/* The positions of ODBC 3; the names of columns differ from driver to driver. */
enum
{
	THEIR_CATALOG,
	THEIR_SCHEMA,
	THEIR_NAME,
	THEIR_TABLE_TYPE,
	THEIR_TABLE_REMARKS,
	THEIR_TABLE_CELLS,
	THEIR_COLUMN_NAME = THEIR_NAME + 1,
	THEIR_DATA_TYPE,
	THEIR_TYPE_NAME,
	THEIR_SIZE,
	THEIR_DIGITS = 8,
	THEIR_NULLABLE = 10,
	THEIR_REMARKS,
	THEIR_DEFAULT,
	THEIR_ORDINAL = 16,
	THEIR_COLUMN_CELLS
};

static bool
is_filled(const char *text)
{
	return text != NULL && *text != '\0';
}

const char *
catalog_schema(const char *catalog, const char *schema)
{
	if (is_filled(schema))
		return schema;
	return is_filled(catalog) ? catalog : "default";
}

char *
catalog_key(const char *schema, const char *name)
{
	size_t size = strlen(schema) + strlen(name) + sizeof(SEPARATOR);
	char *key = allocate(size);

	snprintf(key, size, "%s" SEPARATOR "%s", schema, name);
	return key;
}

static bool
is_nameable(const char *schema, const char *name)
{
	return is_filled(name) && strstr(schema, SEPARATOR) == NULL;
}

/* ---- relations ---- */

static bool
is_of_system(const char *type)
{
	return type != NULL && strncmp(type, "SYSTEM", strlen("SYSTEM")) == 0;
}

/* Where there are schemas, other catalogs than the one that is connected to are other databases. */
static bool
is_elsewhere(const OdbcSession *session, const char *const *cells)
{
	return is_filled(cells[THEIR_SCHEMA]) && is_filled(cells[THEIR_CATALOG]) && session->catalog[0] != '\0' &&
		   strcmp(cells[THEIR_CATALOG], session->catalog) != 0;
}

static void
take_table(const OdbcSession *session, SqlRows *tables, const char *const *cells)
{
	const char *schema = catalog_schema(cells[THEIR_CATALOG], cells[THEIR_SCHEMA]);
	const char *row[TABLE_COLUMNS] = {
		[TABLE_ORDER] = "",
		[TABLE_SCHEMA] = schema,
		[TABLE_NAME] = cells[THEIR_NAME],
		[TABLE_CATALOG] = cells[THEIR_CATALOG],
		[TABLE_THEIR_SCHEMA] = cells[THEIR_SCHEMA],
		[TABLE_TYPE] = cells[THEIR_TABLE_TYPE] ? cells[THEIR_TABLE_TYPE] : "",
		[TABLE_REMARKS] = cells[THEIR_TABLE_REMARKS],
	};
	char *key;

	if (is_of_system(row[TABLE_TYPE]) || is_elsewhere(session, cells) ||
		!is_nameable(schema, row[TABLE_NAME]))
		return;
	key = catalog_key(schema, row[TABLE_NAME]);
	row[TABLE_KEY] = key;
	sql_rows_add(tables, row);
	free(key);
}

static void
give_up_if_failed(const OdbcAnswer *answer)
{
	if (!SQL_SUCCEEDED(answer->done) && answer->done != SQL_NO_DATA)
		give_up_query(SQL_HANDLE_STMT, answer->statement);
}

void
catalog_read_tables(OdbcSession *session, SqlRows *tables)
{
	OdbcAnswer answer;
	OdbcRow row = {0};

	tables->columns = TABLE_COLUMNS;
	odbc_begin(session, &answer);
	odbc_call_begins(&answer);
	odbc_call_ends(&answer, SQLTablesW(answer.statement, NULL, 0, NULL, 0, NULL, 0, NULL, 0));
	give_up_if_failed(&answer);
	while (odbc_next_row(&answer, &row, THEIR_TABLE_CELLS))
		take_table(session, tables, row.cells);
	give_up_if_failed(&answer);
	odbc_end(&answer);
	wire_free(&row.text);
	sql_rows_sort(tables);
}

/* ---- columns ---- */

static void
take_column(SqlRows *columns, const char *const *cells)
{
	const char *schema = catalog_schema(cells[THEIR_CATALOG], cells[THEIR_SCHEMA]);
	long ordinal = cells[THEIR_ORDINAL] ? strtol(cells[THEIR_ORDINAL], NULL, 10) : 0;
	char order[48];
	const char *row[COLUMN_COLUMNS] = {
		[COLUMN_ORDER] = order,
		[COLUMN_NAME] = cells[THEIR_COLUMN_NAME],
		[COLUMN_TYPE] = cells[THEIR_DATA_TYPE],
		[COLUMN_TYPE_NAME] = cells[THEIR_TYPE_NAME] ? cells[THEIR_TYPE_NAME] : "",
		[COLUMN_SIZE] = cells[THEIR_SIZE],
		[COLUMN_DIGITS] = cells[THEIR_DIGITS],
		[COLUMN_NULLABLE] = cells[THEIR_NULLABLE],
		[COLUMN_REMARKS] = cells[THEIR_REMARKS],
		[COLUMN_DEFAULT] = cells[THEIR_DEFAULT],
		[COLUMN_CATALOG] = cells[THEIR_CATALOG],
		[COLUMN_THEIR_SCHEMA] = cells[THEIR_SCHEMA],
	};
	char *key;

	if (!is_nameable(schema, cells[THEIR_NAME]) || !is_filled(row[COLUMN_NAME]))
		return;
	key = catalog_key(schema, cells[THEIR_NAME]);
	row[COLUMN_KEY] = key;
	snprintf(order, sizeof(order), "%020ld%020zu", ordinal > 0 ? ordinal : 0, columns->count);
	sql_rows_add(columns, row);
	free(key);
}

/* A text that the driver manager takes; NULL stays NULL. */
static SQLWCHAR *
wide_or_null(const char *text)
{
	return text ? wide_text(text) : NULL;
}

typedef struct WideName
{
	SQLWCHAR *catalog;
	SQLWCHAR *schema;
	SQLWCHAR *name;
} WideName;

static WideName
widen(const TheirName *name)
{
	return (WideName){wide_or_null(name->catalog), wide_or_null(name->schema), wide_or_null(name->name)};
}

static void
forget_wide(WideName *wide)
{
	free(wide->catalog);
	free(wide->schema);
	free(wide->name);
}

#define LENGTH(text) ((SQLSMALLINT) ((text) ? SQL_NTS : 0))

/* key: only rows about this relation are kept; NULL: all. Returns whether the driver answered. */
static bool
read_columns(OdbcSession *session, const TheirName *name, const char *key, SqlRows *columns)
{
	WideName wide = widen(name);
	OdbcAnswer answer;
	OdbcRow row = {0};
	bool is_answered;

	columns->columns = COLUMN_COLUMNS;
	odbc_begin(session, &answer);
	odbc_call_begins(&answer);
	odbc_call_ends(&answer, SQLColumnsW(answer.statement, wide.catalog, LENGTH(wide.catalog), wide.schema,
										LENGTH(wide.schema), wide.name, LENGTH(wide.name), NULL, 0));
	is_answered = SQL_SUCCEEDED(answer.done);
	while (is_answered && odbc_next_row(&answer, &row, THEIR_COLUMN_CELLS))
	{
		const char *schema = catalog_schema(row.cells[THEIR_CATALOG], row.cells[THEIR_SCHEMA]);
		char *its_key = key && row.cells[THEIR_NAME] ? catalog_key(schema, row.cells[THEIR_NAME]) : NULL;

		if (key == NULL || (its_key && strcmp(its_key, key) == 0))
			take_column(columns, row.cells);
		free(its_key);
	}
	if (is_answered)
		give_up_if_failed(&answer);
	odbc_end(&answer);
	wire_free(&row.text);
	forget_wide(&wide);
	return is_answered;
}

void
catalog_read_columns(OdbcSession *session, const char *catalog, SqlRows *columns)
{
	(void) read_columns(session, &(TheirName){.catalog = catalog}, NULL, columns);
}

/*
 * Where a name is a pattern, it also finds itself, unless the character in it that escapes others is read so:
 * then everything is read.
 */
void
catalog_read_columns_of(OdbcSession *session, const TheirName *name, SqlRows *columns)
{
	char *key = catalog_key(catalog_schema(name->catalog, name->schema), name->name);

	if (!read_columns(session, name, key, columns) || columns->count == 0)
		(void) read_columns(session, &(TheirName){.catalog = name->catalog}, key, columns);
	sql_rows_sort(columns);
	free(key);
}

/* The schema of a request may be the driver's catalog, and then its name is of no use for asking. */
void
catalog_find_columns(OdbcSession *session, const char *schema, const char *name, SqlRows *columns)
{
	const TheirName ways[] = {{.name = name}, {.catalog = schema, .name = name}, {0}};
	char *key = catalog_key(schema, name);

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]) && columns->count == 0; i++)
		(void) read_columns(session, &ways[i], key, columns);
	columns->columns = COLUMN_COLUMNS;
	sql_rows_sort(columns);
	free(key);
}

/* ---- keys and indexes ---- */

void
catalog_ask_primary_key(OdbcAnswer *answer, const TheirName *name)
{
	WideName wide = widen(name);

	odbc_call_begins(answer);
	odbc_call_ends(answer, SQLPrimaryKeysW(answer->statement, wide.catalog, LENGTH(wide.catalog), wide.schema,
										   LENGTH(wide.schema), wide.name, LENGTH(wide.name)));
	forget_wide(&wide);
}

void
catalog_ask_foreign_keys(OdbcAnswer *answer, const TheirName *name)
{
	WideName wide = widen(name);

	odbc_call_begins(answer);
	odbc_call_ends(answer, SQLForeignKeysW(answer->statement, NULL, 0, NULL, 0, NULL, 0, wide.catalog,
										   LENGTH(wide.catalog), wide.schema, LENGTH(wide.schema), wide.name,
										   LENGTH(wide.name)));
	forget_wide(&wide);
}

void
catalog_ask_indexes(OdbcAnswer *answer, const TheirName *name)
{
	WideName wide = widen(name);

	odbc_call_begins(answer);
	odbc_call_ends(answer, SQLStatisticsW(answer->statement, wide.catalog, LENGTH(wide.catalog), wide.schema,
										  LENGTH(wide.schema), wide.name, LENGTH(wide.name), SQL_INDEX_ALL,
										  SQL_QUICK));
	forget_wide(&wide);
}

static bool
are_same(const char *one, const char *other)
{
	return strcmp(one ? one : "", other ? other : "") == 0;
}

/* Some functions leave out the catalog, or the schema, that others have. */
bool
catalog_is(const TheirName *name, const char *const *cells)
{
	return are_same(name->name, cells[THEIR_NAME]) &&
		   (!is_filled(cells[THEIR_SCHEMA]) || are_same(name->schema, cells[THEIR_SCHEMA])) &&
		   (!is_filled(cells[THEIR_CATALOG]) || !is_filled(name->catalog) ||
			are_same(name->catalog, cells[THEIR_CATALOG]));
}
