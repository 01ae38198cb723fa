/*
 * statements.h — the statements that read the data dictionary, and what their rows are.
 *
 * A row begins with its key, which is the name of the relation that it is about if nothing else is said, and
 * with what orders the rows of one key. The connector orders them: the server's order depends on its
 * settings.
 */
#ifndef RG_ORACLE_STATEMENTS_H
#define RG_ORACLE_STATEMENTS_H

#include "connectors/odbc/session.h"
#include "connectors/sql/rows.h"

/* What this server's dictionary has: asked, not derived from the version. */
typedef struct Features
{
	const char *views; /* the dictionary's views begin with this: ALL_ or DBA_ */
	bool oracle_maintained;
	bool identity;
	bool search_condition_vc;
	bool text_vc;
	bool user_generated;
	bool collation;
	bool compares_bytes; /* texts are equal if their bytes are */
} Features;

extern void statements_learn(OdbcSession *session, bool wants_dba, Features *features);

/* The rows to read: of one owner, and where it has a name, about this relation only. */
typedef struct Wanted
{
	const char *owner;
	const char *relation;
} Wanted;

typedef struct Statement
{
	const char *text;
	int cells;      /* of an answer, of which the first is the key */
	int order_text; /* the cells that order the rows of a key; 0: none */
	int order_number;
} Statement;

/* Reads the rows of an answer, ordered. False: the user may not ask this, or the dictionary has no such view.
 */
extern bool statement_read(OdbcSession *session, const Features *features, const Statement *statement,
						   const Wanted *wanted, SqlRows *rows);

enum
{
	ROW_KEY,
	ROW_ORDER
};

/* The key is the owner. */
enum
{
	OWNER_COLUMNS = 2
};
extern const Statement statement_owners;
extern const Statement statement_all_owners; /* the dictionary does not say which of them are Oracle's */

/* A materialized view's table is an object too: it comes behind the view. */
enum
{
	OBJECT_TYPE = 2,
	OBJECT_ID,
	OBJECT_STATUS,
	OBJECT_COLUMNS
};
extern const Statement statement_objects;

enum
{
	TABLE_ROWS = 2,
	TABLE_PARTITIONED,
	TABLE_TEMPORARY,
	TABLE_IOT_TYPE,
	TABLE_CLUSTER,
	TABLE_COLUMNS
};
extern const Statement statement_tables;

enum
{
	EXTERNAL_TYPE = 2,
	EXTERNAL_COLUMNS
};
extern const Statement statement_external_tables;

enum
{
	PARTITION_TYPE = 2,
	PARTITION_COLUMNS
};
extern const Statement statement_partitions;

enum
{
	PARTITION_KEY_COLUMN = 2,
	PARTITION_KEY_POSITION,
	PARTITION_KEY_COLUMNS
};
extern const Statement statement_partition_keys;

enum
{
	COLUMN_POSITION = 2,
	COLUMN_NAME,
	COLUMN_TYPE,
	COLUMN_TYPE_OWNER,
	COLUMN_BYTES,
	COLUMN_CHARACTERS,
	COLUMN_CHARACTERS_USED,
	COLUMN_PRECISION,
	COLUMN_SCALE,
	COLUMN_NULLABLE,
	COLUMN_VIRTUAL,
	COLUMN_HIDDEN,
	COLUMN_DEFAULT_LENGTH,
	COLUMN_IDENTITY,
	COLUMN_COLLATION,
	COLUMN_COLUMNS
};
extern const Statement statement_columns;
extern const Statement statement_synonym_columns; /* of what a synonym stands for */

/* The order is the column's name. */
enum
{
	DEFAULT_COLUMN = 2,
	DEFAULT_TEXT,
	DEFAULT_COLUMNS
};
extern const Statement statement_defaults;

enum
{
	IDENTITY_COLUMN = 2,
	IDENTITY_GENERATION,
	IDENTITY_COLUMNS
};
extern const Statement statement_identities;

enum
{
	COMMENT_TEXT = 2,
	COMMENT_COLUMNS
};
extern const Statement statement_comments;
extern const Statement statement_comments_of_materialized_views;

enum
{
	COLUMN_COMMENT_COLUMN = 2,
	COLUMN_COMMENT_TEXT,
	COLUMN_COMMENT_COLUMNS
};
extern const Statement statement_column_comments;

enum
{
	CONSTRAINT_NAME = 2,
	CONSTRAINT_TYPE,
	CONSTRAINT_OTHER_OWNER,
	CONSTRAINT_OTHER,
	CONSTRAINT_DELETE_RULE,
	CONSTRAINT_STATUS,
	CONSTRAINT_VALIDATED,
	CONSTRAINT_GENERATED,
	CONSTRAINT_INDEX,
	CONSTRAINT_CONDITION,
	CONSTRAINT_COLUMNS
};
extern const Statement statement_constraints;

/* The key is the name of the constraint. */
enum
{
	KEY_TABLE = 2,
	KEY_COLUMN,
	KEY_POSITION,
	KEY_COLUMNS
};
extern const Statement statement_key_columns;

enum
{
	CONDITION_CONSTRAINT = 2,
	CONDITION_TEXT,
	CONDITION_COLUMNS
};
extern const Statement statement_long_conditions;

enum
{
	INDEX_NAME = 2,
	INDEX_POSITION,
	INDEX_TYPE,
	INDEX_UNIQUENESS,
	INDEX_VISIBILITY,
	INDEX_STATUS,
	INDEX_COLUMN,
	INDEX_DESCEND,
	INDEX_COLUMNS
};
extern const Statement statement_indexes;

enum
{
	EXPRESSION_INDEX = 2,
	EXPRESSION_POSITION,
	EXPRESSION_TEXT,
	EXPRESSION_COLUMNS
};
extern const Statement statement_expressions;

enum
{
	VIEW_LENGTH = 2,
	VIEW_TEXT,
	VIEW_COLUMNS
};
extern const Statement statement_views;

enum
{
	LONG_TEXT = 2,
	LONG_COLUMNS
};
extern const Statement statement_long_views;
extern const Statement statement_materialized_views;

enum
{
	SEQUENCE_MINIMUM = 2,
	SEQUENCE_MAXIMUM,
	SEQUENCE_INCREMENT,
	SEQUENCE_CYCLES,
	SEQUENCE_CACHE,
	SEQUENCE_COLUMNS
};
extern const Statement statement_sequences;

enum
{
	SYNONYM_OWNER = 2,
	SYNONYM_TABLE,
	SYNONYM_LINK,
	SYNONYM_COLUMNS
};
extern const Statement statement_synonyms;

#endif
