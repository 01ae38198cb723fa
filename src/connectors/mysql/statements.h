/*
 * statements.h — the statements that read the catalog, each about all relations of one schema, and what the
 * columns of their answers are. The first one is the relation's name, except of the schemas.
 */
#ifndef RG_MYSQL_STATEMENTS_H
#define RG_MYSQL_STATEMENTS_H

#include "connectors/mysql/session.h"
#include "connectors/sql/relation.h"

/* What this server's catalog has: asked, not derived from the version. */
typedef struct Features
{
	bool schema_comment;
	bool generation_expression;
	bool is_visible; /* and expressions, of MySQL 8 */
	bool ignored;    /* of MariaDB 10.6 */
	bool checks;
	bool checks_have_table; /* MariaDB; in MySQL their names are unique in the schema */
	bool checks_have_level; /* of MariaDB 10.5.10: of a column, or of the table */
} Features;

extern void statements_learn(Session *session, Features *features);

enum
{
	SCHEMA_NAME,
	SCHEMA_COMMENT,
	SCHEMA_COLUMNS
};

enum
{
	TABLE_NAME,
	TABLE_TYPE,
	TABLE_ENGINE,
	TABLE_ROWS,
	TABLE_SIZE,
	TABLE_OPTIONS,
	TABLE_COMMENT,
	TABLE_COLLATION,
	TABLE_COLUMNS
};

enum
{
	COLUMN_TABLE,
	COLUMN_NAME,
	COLUMN_TYPE,
	COLUMN_NULLABLE,
	COLUMN_DEFAULT,
	COLUMN_EXTRA,
	COLUMN_EXPRESSION,
	COLUMN_COLLATION,
	COLUMN_COMMENT,
	COLUMN_PRIVILEGES,
	COLUMN_COLUMNS
};

enum
{
	FOREIGN_TABLE,
	FOREIGN_NAME,
	FOREIGN_COLUMN,
	FOREIGN_SCHEMA,
	FOREIGN_REFERENCED,
	FOREIGN_REFERENCED_COLUMN,
	FOREIGN_ON_UPDATE,
	FOREIGN_ON_DELETE,
	FOREIGN_COLUMNS
};

enum
{
	INDEX_TABLE,
	INDEX_NAME,
	INDEX_NON_UNIQUE,
	INDEX_POSITION,
	INDEX_COLUMN,
	INDEX_ORDER,
	INDEX_PREFIX,
	INDEX_METHOD,
	INDEX_COMMENT,
	INDEX_HIDDEN,
	INDEX_EXPRESSION,
	INDEX_COLUMNS
};

enum
{
	CHECK_TABLE,
	CHECK_NAME,
	CHECK_CLAUSE,
	CHECK_ENFORCED,
	CHECK_LEVEL,
	CHECK_COLUMNS
};

enum
{
	VIEW_TABLE,
	VIEW_DEFINITION,
	VIEW_CHECK_OPTION,
	VIEW_SECURITY,
	VIEW_COLUMNS
};

enum
{
	PARTITION_TABLE,
	PARTITION_METHOD,
	PARTITION_EXPRESSION,
	PARTITION_SUB_METHOD,
	PARTITION_SUB_EXPRESSION,
	PARTITION_COLUMNS
};

enum
{
	SEQUENCE_NAME,
	SEQUENCE_START,
	SEQUENCE_INCREMENT,
	SEQUENCE_MINIMUM,
	SEQUENCE_MAXIMUM,
	SEQUENCE_CACHE,
	SEQUENCE_CYCLE,
	SEQUENCE_COLUMNS
};

/* A schema, and the names of the relations that are wanted of it; NULL: all. */
typedef struct Wanted
{
	const char *schema;
	const SqlNames *relations;
} Wanted;

/* schema: the one that is wanted, or NULL. */
extern void statement_schemas(WireBuffer *sql, const Features *features, const char *schema);
extern void statement_tables(WireBuffer *sql, const Wanted *wanted);
extern void statement_columns(WireBuffer *sql, const Features *features, const Wanted *wanted);
extern void statement_foreign_keys(WireBuffer *sql, const Wanted *wanted);
extern void statement_indexes(WireBuffer *sql, const Features *features, const Wanted *wanted);
extern void statement_checks(WireBuffer *sql, const Features *features, const Wanted *wanted);
extern void statement_views(WireBuffer *sql, const Wanted *wanted);
extern void statement_partitions(WireBuffer *sql, const Wanted *wanted);
extern void statement_sequence(WireBuffer *sql, const char *schema, const char *name);

/* Writes a text as a literal. */
extern void write_text(WireBuffer *sql, const char *text);

/* Writes a name in backticks; and schema and relation. */
extern void write_name(WireBuffer *sql, const char *name);
extern void write_relation_name(WireBuffer *sql, const char *schema, const char *relation);

#endif
