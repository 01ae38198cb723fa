/*
 * catalog.h — what the service tells of a schema: its tables and views, their columns and keys.
 */
#ifndef RG_SNOWFLAKE_CATALOG_H
#define RG_SNOWFLAKE_CATALOG_H

#include "connectors/snowflake/shown.h"

/* The places of what SHOW tells in a row; the second one is taken (shown.h). */
enum
{
	SHOWN_NAME,
	SHOWN_ORDER
};

enum
{
	SCHEMA_COMMENT = 2,
	SCHEMA_COLUMNS
};

enum
{
	TABLE_KIND = 2,
	TABLE_COMMENT,
	TABLE_CLUSTER,
	TABLE_ROWS,
	TABLE_BYTES,
	TABLE_EXTERNAL,
	TABLE_DYNAMIC,
	TABLE_ICEBERG,
	TABLE_HYBRID,
	TABLE_COLUMNS
};

enum
{
	VIEW_COMMENT = 2,
	VIEW_TEXT,
	VIEW_SECURE,
	VIEW_MATERIALIZED,
	VIEW_COLUMNS
};

enum
{
	EXTERNAL_LOCATION = 2,
	EXTERNAL_FORMAT,
	EXTERNAL_COLUMNS
};

enum
{
	COLUMN_NAME = 2,
	COLUMN_TYPE,
	COLUMN_DEFAULT,
	COLUMN_KIND,
	COLUMN_EXPRESSION,
	COLUMN_COMMENT,
	COLUMN_AUTOINCREMENT,
	COLUMN_COLUMNS
};

enum
{
	KEY_NAME = 2,
	KEY_NUMBER,
	KEY_COLUMN,
	KEY_RELY,
	KEY_COLUMNS
};

enum
{
	REFERENCE_NAME = 2,
	REFERENCE_NUMBER,
	REFERENCE_COLUMN,
	REFERENCE_RELY,
	REFERENCE_DATABASE,
	REFERENCE_SCHEMA,
	REFERENCE_TABLE,
	REFERENCE_OTHER,
	REFERENCE_UPDATE,
	REFERENCE_DELETE,
	REFERENCE_COLUMNS
};

/* What is told beside relations: columns, and three kinds of keys. */
#define CATALOG_MEMBERS 4

typedef struct Catalog
{
	SqlRows tables;
	SqlRows views;
	SqlRows externals;
	SqlRows columns;
	SqlRows primary_keys;
	SqlRows unique_keys;
	SqlRows references;
	bool is_whole[CATALOG_MEMBERS]; /* the members of all relations are here */
} Catalog;

/* The databases that the role may see, without the one that the service keeps for itself. */
extern bool catalog_read_databases(SqlRows *databases, Service *service, HttpFailure *failure);

/* The schemas of the database, without its information schema. */
extern bool catalog_read_schemas(SqlRows *schemas, Service *service, HttpFailure *failure);

/* The tables and the views of a schema. */
extern bool
catalog_read_relations(Catalog *catalog, Service *service, const char *schema, HttpFailure *failure);

/* Columns and keys that were asked for. */
typedef struct MembersAsked
{
	Showing showings[CATALOG_MEMBERS];
	bool are_asked[CATALOG_MEMBERS];
} MembersAsked;

/*
 * Asks for columns and keys of all relations of a schema, and takes them as far as the service tells them at
 * once. Returns false with a failure that all further requests would meet.
 */
extern bool
catalog_read_members(Catalog *catalog, Service *service, const char *schema, HttpFailure *failure);

/* Are all of them here? */
extern bool catalog_is_whole(const Catalog *catalog);

/* Asks for those of one relation that are not here; others may be under way. */
extern void catalog_ask_members(MembersAsked *asked, const Catalog *catalog, Service *service,
								const char *schema, const char *relation, bool is_view);

/* Takes them, instead of another relation's. */
extern bool catalog_take_members(Catalog *catalog, MembersAsked *asked, HttpFailure *failure);

/* The columns of one relation, which is a table or a view. */
extern bool catalog_read_columns_of(SqlRows *columns, Service *service, const char *schema,
									const char *relation, HttpFailure *failure);

extern void catalog_free(Catalog *catalog);

#endif
