/*
 * catalog.h — what the driver's catalog functions say. Many drivers take the names that are asked for as
 * patterns, and some mix several tables then: every row is compared with the names that were meant.
 */
#ifndef RG_OTHER_CATALOG_H
#define RG_OTHER_CATALOG_H

#include "connectors/odbc/answer.h"
#include "connectors/sql/rows.h"

/* Rows begin with the relation's key, schema and name, and with what orders them. */
enum
{
	TABLE_KEY,
	TABLE_ORDER,
	TABLE_SCHEMA, /* as it is called here */
	TABLE_NAME,
	TABLE_CATALOG, /* as the driver has it */
	TABLE_THEIR_SCHEMA,
	TABLE_TYPE,
	TABLE_REMARKS,
	TABLE_COLUMNS
};

enum
{
	COLUMN_KEY,
	COLUMN_ORDER,
	COLUMN_NAME,
	COLUMN_TYPE, /* a number */
	COLUMN_TYPE_NAME,
	COLUMN_SIZE,
	COLUMN_DIGITS,
	COLUMN_NULLABLE,
	COLUMN_REMARKS,
	COLUMN_DEFAULT,
	COLUMN_CATALOG,
	COLUMN_THEIR_SCHEMA,
	COLUMN_COLUMNS
};

/* A relation as the driver names it; NULL: without. */
typedef struct TheirName
{
	const char *catalog;
	const char *schema;
	const char *name;
} TheirName;

/* Reads all relations, without those of the system. */
extern void catalog_read_tables(OdbcSession *session, SqlRows *tables);

/* Reads the columns of all relations of this catalog, which may be NULL. */
extern void catalog_read_columns(OdbcSession *session, const char *catalog, SqlRows *columns);

/* Reads those of one relation: by the driver's names, or by the names of a request. */
extern void catalog_read_columns_of(OdbcSession *session, const TheirName *name, SqlRows *columns);
extern void
catalog_find_columns(OdbcSession *session, const char *schema, const char *name, SqlRows *columns);

/* Calls of the functions about one relation. Which rows are about it says catalog_is(). */
extern void catalog_ask_primary_key(OdbcAnswer *answer, const TheirName *name);
extern void catalog_ask_foreign_keys(OdbcAnswer *answer, const TheirName *name);
extern void catalog_ask_indexes(OdbcAnswer *answer, const TheirName *name);
extern bool catalog_is(const TheirName *name, const char *const *cells);

/* How a relation's schema is called here: by schema, else by catalog, else "default". */
extern const char *catalog_schema(const char *catalog, const char *schema);

extern char *catalog_key(const char *schema, const char *name);

#endif
