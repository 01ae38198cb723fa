/*
 * catalog.h — what the catalogs say about the relations of one schema.
 *
 * The first column of each answer is the relation's name, the second a number that orders its rows. No
 * statement names a schema for its tables, and none sets search_path.
 */
#ifndef RG_REDSHIFT_CATALOG_H
#define RG_REDSHIFT_CATALOG_H

#include "connectors/redshift/session.h"

enum
{
	TABLE_NAME,
	TABLE_TYPE = 2,
	TABLE_COMMENT,
	TABLE_COLUMNS
};

enum
{
	COLUMN_POSITION = 1,
	COLUMN_NAME,
	COLUMN_TYPE,
	COLUMN_LENGTH,
	COLUMN_PRECISION,
	COLUMN_SCALE,
	COLUMN_NULLABLE,
	COLUMN_DEFAULT,
	COLUMN_COMMENT,
	COLUMN_COLUMNS
};

/* Of the columns of tables and of views that are bound to their tables. */
enum
{
	STORED_NUMBER = 1,
	STORED_NAME,
	STORED_TYPE,
	STORED_ID, /* of the relation */
	STORED_STYLE,
	STORED_DISTRIBUTION,
	STORED_SORT,
	STORED_TYPE_ID,
	STORED_MODIFIER,
	STORED_COLUMNS
};

/* Of late-binding views, and of external tables. */
enum
{
	LOOSE_NUMBER = 1,
	LOOSE_NAME,
	LOOSE_TYPE,
	LOOSE_PARTITION,
	LOOSE_NULLABLE,
	LOOSE_COLUMNS
};

enum
{
	KEY_NAME = 2,
	KEY_TYPE,
	KEY_NUMBERS,
	KEY_SCHEMA,
	KEY_TABLE,
	KEY_REFERENCED_NUMBERS,
	KEY_COLUMNS
};

/* Columns that foreign keys of a relation refer to. */
enum
{
	REFERENCED_NUMBER = 1,
	REFERENCED_KEY,
	REFERENCED_NAME,
	REFERENCED_COLUMNS
};

enum
{
	EXTERNAL_LOCATION = 2,
	EXTERNAL_FORMAT,
	EXTERNAL_COLUMNS
};

enum
{
	SIZE_MEGABYTES = 2,
	SIZE_ROWS,
	SIZE_COLUMNS
};

enum
{
	VIEW_DEFINITION = 2,
	VIEW_COLUMNS
};

typedef struct Catalog
{
	SqlRows tables;
	SqlRows columns;
	SqlRows stored;
	SqlRows late;
	SqlRows external_columns;
	SqlRows keys;
	SqlRows referenced;
	SqlRows external;
	SqlRows sizes;
	SqlRows views;
} Catalog;

enum
{
	SCHEMA_NAME,
	SCHEMA_ID = 2,
	SCHEMA_COMMENT,
	SCHEMA_COLUMNS
};

extern void catalog_read_schemas(Session *session, SqlRows *schemas);
extern void catalog_read(Catalog *catalog, Session *session, const char *schema);
/* What reading rows of one relation needs. */
extern void catalog_read_relation(Catalog *catalog, Session *session, const char *schema, const char *name);
extern void catalog_free(Catalog *catalog);

#endif
