/*
 * statements.h — the statements that read the catalog, and what the columns of their answers are: all of them
 * texts. Those about relations have the relation's object_id first, and rows of one relation stand together.
 */
#ifndef RG_SQLSERVER_STATEMENTS_H
#define RG_SQLSERVER_STATEMENTS_H

#include "connectors/sql/relation.h"
#include "connectors/sqlserver/session.h"

/* What this server's catalog has: asked, not derived from the version. */
typedef struct Features
{
	bool is_hidden; /* and periods, of 2016 */
	bool temporal_type;
	bool is_external;
	bool is_memory_optimized;
	bool is_node; /* and is_edge */
} Features;

extern void statements_learn(Session *session, Features *features);

enum
{
	SCHEMA_NAME,
	SCHEMA_ID,
	SCHEMA_COMMENT,
	SCHEMA_COLUMNS
};

enum
{
	OBJECT_ID,
	OBJECT_NAME,
	OBJECT_TYPE,
	OBJECT_DEFINITION,
	OBJECT_SYNONYM_OF,
	OBJECT_COMMENT,
	OBJECT_TEMPORAL,
	OBJECT_HISTORY_SCHEMA,
	OBJECT_HISTORY,
	OBJECT_EXTERNAL,
	OBJECT_IN_MEMORY,
	OBJECT_NODE,
	OBJECT_EDGE,
	OBJECT_COLUMNS
};

enum
{
	COLUMN_OBJECT,
	COLUMN_ID,
	COLUMN_NAME,
	COLUMN_TYPE,
	COLUMN_TYPE_SCHEMA,
	COLUMN_TYPE_IS_USERS,
	COLUMN_BASE,
	COLUMN_LENGTH,
	COLUMN_PRECISION,
	COLUMN_SCALE,
	COLUMN_NULLABLE,
	COLUMN_COLLATION,
	COLUMN_DEFAULT_ID,
	COLUMN_DEFAULT,
	COLUMN_IS_COMPUTED,
	COLUMN_EXPRESSION,
	COLUMN_PERSISTED,
	COLUMN_IDENTITY,
	COLUMN_HIDDEN,
	COLUMN_PERIOD,
	COLUMN_COMMENT,
	COLUMN_COLUMNS
};

enum
{
	INDEX_OBJECT,
	INDEX_ID,
	INDEX_NAME,
	INDEX_KIND,
	INDEX_UNIQUE,
	INDEX_PRIMARY,
	INDEX_CONSTRAINT,
	INDEX_FILTER,
	INDEX_DISABLED,
	INDEX_COLUMN,
	INDEX_POSITION,
	INDEX_DESCENDS,
	INDEX_INCLUDED,
	INDEX_COLUMNS
};

enum
{
	FOREIGN_OBJECT,
	FOREIGN_ID,
	FOREIGN_NAME,
	FOREIGN_SCHEMA,
	FOREIGN_REFERENCED,
	FOREIGN_ON_DELETE,
	FOREIGN_ON_UPDATE,
	FOREIGN_DISABLED,
	FOREIGN_NOT_TRUSTED,
	FOREIGN_COLUMN,
	FOREIGN_REFERENCED_COLUMN,
	FOREIGN_COLUMNS
};

enum
{
	CHECK_OBJECT,
	CHECK_NAME,
	CHECK_DEFINITION,
	CHECK_DISABLED,
	CHECK_NOT_TRUSTED,
	CHECK_COLUMNS
};

enum
{
	COUNT_OBJECT,
	COUNT_NUMBER, /* of rows; of bytes */
	COUNT_COLUMNS
};

enum
{
	PARTITION_OBJECT,
	PARTITION_COLUMN,
	PARTITION_COLUMNS
};

enum
{
	SEQUENCE_OBJECT,
	SEQUENCE_START,
	SEQUENCE_INCREMENT,
	SEQUENCE_MINIMUM,
	SEQUENCE_MAXIMUM,
	SEQUENCE_CYCLES,
	SEQUENCE_CACHE,
	SEQUENCE_COLUMNS
};

/* The relations of one schema, or of them those with these ids. */
typedef struct Wanted
{
	int64_t schema_id;
	const SqlNames *ids; /* NULL: all */
} Wanted;

/* One column: the names. */
extern void statement_databases(WireBuffer *sql);

extern void statement_schemas(WireBuffer *sql);
extern void statement_objects(WireBuffer *sql, const Features *features, const Wanted *wanted);
extern void statement_columns(WireBuffer *sql, const Features *features, const Wanted *wanted);
extern void statement_indexes(WireBuffer *sql, const Wanted *wanted);
extern void statement_foreign_keys(WireBuffer *sql, const Wanted *wanted);
extern void statement_checks(WireBuffer *sql, const Wanted *wanted);
extern void statement_row_counts(WireBuffer *sql, const Wanted *wanted);
extern void statement_sizes(WireBuffer *sql, const Wanted *wanted);
extern void statement_partitions(WireBuffer *sql, const Wanted *wanted);
extern void statement_sequences(WireBuffer *sql, const Wanted *wanted);

enum
{
	FOUND_ID,
	FOUND_SCHEMA_ID,
	FOUND_SCHEMA,
	FOUND_NAME,
	FOUND_COLUMNS
};

/* The relation of that name, and those whose names only the server takes for the same. */
/* Of each column its id, and 0 if the user may not read it. NULL: the server cannot tell. */
extern void statement_rights(WireBuffer *sql, const char *schema, const char *name, int64_t object_id);
extern void statement_find(WireBuffer *sql, const char *schema, const char *name);

/* Writes a text as a value of nvarchar. */
extern void write_text(WireBuffer *sql, const char *text);

/* Writes a name in brackets; and schema and relation. */
extern void write_name(WireBuffer *sql, const char *name);
extern void write_relation_name(WireBuffer *sql, const char *schema, const char *relation);

/* Returns the number, which is not negative, or ABSENT. */
extern int64_t number_of(const char *text);

#endif
