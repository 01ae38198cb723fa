/*
 * statements.h — the queries of a discovery.
 */
#ifndef RG_POSTGRESQL_STATEMENTS_H
#define RG_POSTGRESQL_STATEMENTS_H

#include "connectors/postgresql/session.h"
#include "wire/wire.h"

/*
 * The prepared statements. Those up to STATEMENT_BOUNDS read one catalog for the relations of an oid[], and
 * their results have the relation in the first column.
 */
typedef enum Statement
{
	STATEMENT_RELATIONS,
	STATEMENT_COLUMNS,
	STATEMENT_DEFAULTS,
	STATEMENT_CONSTRAINTS,
	STATEMENT_INDEXES,
	STATEMENT_COMMENTS,
	STATEMENT_PARENTS,
	STATEMENT_SEQUENCES,
	STATEMENT_FOREIGN,
	STATEMENT_OWNERS,
	STATEMENT_BOUNDS,
	STATEMENT_LABELS,      /* oid[], int4[]: types with their modifiers */
	STATEMENT_TYPES,       /* likewise */
	STATEMENT_COLLATIONS,  /* oid[] */
	STATEMENT_EXPRESSIONS, /* oid[] of relations, as those that follow: texts that the server can only write
							  after it locks the relation */
	STATEMENT_CONSTRAINT_TEXTS,
	STATEMENT_INDEX_TEXTS,
	STATEMENT_QUERIES,
	STATEMENT_PARTITION_KEYS,
	STATEMENT_COUNT
} Statement;

#define CATALOG_COUNT STATEMENT_LABELS
#define FIRST_TEXT    STATEMENT_EXPRESSIONS

/* Columns of the results. */
enum
{
	RELATION_ID,
	RELATION_NAME,
	RELATION_SCHEMA, /* schemas and access methods are oids: the vocabulary has their names */
	RELATION_KIND,
	RELATION_IS_PARTITION,
	RELATION_ROW_ESTIMATE,
	RELATION_SIZE,
	RELATION_OPTIONS
};

enum
{
	COLUMN_RELATION,
	COLUMN_NUMBER,
	COLUMN_NAME,
	COLUMN_TYPE,
	COLUMN_MODIFIER, /* from here on null stands for the usual value, which is cheaper to send: no modifier */
	COLUMN_NOT_NULL,
	COLUMN_IDENTITY,
	COLUMN_GENERATED,
	COLUMN_COLLATION
};

enum
{
	DEFAULT_RELATION,
	DEFAULT_NUMBER,
	DEFAULT_TEXT /* null: it names columns, so it is among the texts */
};

enum
{
	CONSTRAINT_RELATION,
	CONSTRAINT_NAME,
	CONSTRAINT_ID,
	CONSTRAINT_TYPE,
	CONSTRAINT_COLUMNS,
	CONSTRAINT_INDEX,
	CONSTRAINT_DEFERRABLE,
	CONSTRAINT_DEFERRED,
	CONSTRAINT_VALIDATED,
	CONSTRAINT_ENFORCED,
	CONSTRAINT_TEMPORAL,
	CONSTRAINT_SCHEMA, /* from here on for foreign keys: the referenced columns */
	CONSTRAINT_TABLE,
	CONSTRAINT_REFERENCED_COLUMN,
	CONSTRAINT_REFERENCED_COLUMNS, /* not null when they are several */
	CONSTRAINT_ON_UPDATE,
	CONSTRAINT_ON_DELETE,
	CONSTRAINT_ON_DELETE_COLUMNS, /* columns that it sets; null: all */
	CONSTRAINT_MATCH
};

enum
{
	INDEX_RELATION,
	INDEX_NAME,
	INDEX_ID,
	INDEX_METHOD,
	INDEX_UNIQUE,
	INDEX_PRIMARY,
	INDEX_VALID,
	INDEX_KEY_COUNT,
	INDEX_COLUMNS,
	INDEX_CLASSES,
	INDEX_COLLATIONS,
	INDEX_OPTIONS,
	INDEX_PLAIN, /* without expressions, predicate, storage options; not of an exclusion constraint */
	INDEX_NULLS_NOT_DISTINCT,
	INDEX_PARTITIONED
};

enum
{
	COMMENT_RELATION,
	COMMENT_NUMBER, /* 0: the relation itself */
	COMMENT_TEXT
};

enum
{
	PARENT_RELATION,
	PARENT_NUMBER,
	PARENT_SCHEMA,
	PARENT_TABLE
};

enum
{
	SEQUENCE_ID,
	SEQUENCE_TYPE,
	SEQUENCE_START,
	SEQUENCE_INCREMENT,
	SEQUENCE_MINIMUM,
	SEQUENCE_MAXIMUM,
	SEQUENCE_CACHE,
	SEQUENCE_CYCLE,
	SEQUENCE_OWNER_SCHEMA,
	SEQUENCE_OWNER_TABLE,
	SEQUENCE_OWNER_COLUMN
};

enum
{
	FOREIGN_RELATION,
	FOREIGN_SERVER,
	FOREIGN_OPTIONS
};

enum
{
	OWNER_RELATION,
	OWNER_NAME
};

enum
{
	BOUND_RELATION,
	BOUND_TEXT
};

enum
{
	LABEL_TYPE,
	LABEL_MODIFIER,
	LABEL_TEXTS
};

enum
{
	TYPE_ID,
	TYPE_MODIFIER,
	TYPE_NAME,
	TYPE_NOT_NULL,
	TYPE_COLLATION,
	TYPE_BASE,
	TYPE_HELD,    /* the type under domains and arrays */
	TYPE_IS_ARRAY /* of that */
};

enum
{
	COLLATION_ID,
	COLLATION_NAME
};

/* Kinds of text. */
#define TEXT_EXPRESSION    'g' /* of a generated column; position is the column's number */
#define TEXT_CONSTRAINT    'c' /* object is the constraint */
#define TEXT_INDEX         'i' /* object is the index */
#define TEXT_INDEX_ELEMENT 'e' /* an expression in an index; position counts from 1 */
#define TEXT_PREDICATE     'w' /* of the index that object is */
#define TEXT_QUERY         'd' /* of a view */
#define TEXT_PARTITION_KEY 'k'

enum
{
	TEXT_RELATION,
	TEXT_KIND,
	TEXT_OBJECT,
	TEXT_POSITION,
	TEXT_TEXT
};

/* Columns of a discovery's list: oids of relations, in groups that make one chunk each. */
enum
{
	LIST_ALL,
	LIST_TABLES, /* those that have columns; null: none */
	LIST_SEQUENCES,
	LIST_FOREIGN,
	LIST_TOTAL
};

enum
{
	SCHEMA_ID,
	SCHEMA_NAME,
	SCHEMA_IN_SCOPE
};

enum
{
	SCHEMA_COMMENT_ID,
	SCHEMA_COMMENT_TEXT
};

#define NOT_A_SYSTEM_SCHEMA "nspname <> 'information_schema' AND nspname !~ '^pg_(catalog$|toast|temp)'"

/*
 * Condition for the scope of a discovery; the parameters are those of scope.h. The patterns of one list are
 * in two arrays. Without patterns, the usual case, nothing is compared.
 */
#define IN_SCOPE "($1::text IS NULL OR nspname = $1) AND " NOT_A_SYSTEM_SCHEMA
#define MATCHES(schemas, relations, condition)                                                               \
	"EXISTS (SELECT FROM unnest(" schemas ", " relations ") p (schema, relation) "                           \
	"WHERE nspname::text COLLATE \"C\" LIKE p.schema AND " condition ")"
#define RELATION_MATCHES "relname::text COLLATE \"C\" LIKE p.relation"
#define RELATION_SELECTED                                                                                    \
	"($2::text[] = '{}' OR " MATCHES("$2::text[]", "$3::text[]",                                             \
									 RELATION_MATCHES) ") AND "                                              \
													   "($4::text[] = '{}' OR NOT " MATCHES(                 \
														   "$4::text[]", "$5::text[]", RELATION_MATCHES) ")"

/* Skips settings that the server does not have. */
#define SET_LOCAL(values)                                                                                    \
	"SELECT pg_catalog.set_config(s.name, v.value, true) FROM (VALUES " values ") v (name, value) "          \
	"JOIN pg_catalog.pg_settings s ON s.name OPERATOR(pg_catalog.=) v.name"

/*
 * Run once, in the first batch, in this order. Statements that list schemas and relations have the parameters
 * of scope.h; declare_list_sql also the oids to read, or null for all.
 */
extern const char raw_texts_sql[]; /* texts come as the bytes that are stored, whatever they are */
extern const char schemas_sql[];
extern const char schema_comments_sql[];
extern const char access_methods_sql[];
extern const char reserved_words_sql[];
extern const char default_classes_sql[];
extern const char declare_list_sql[];
extern const char planner_settings_sql[];
extern const char fetch_list_sql[];

/*
 * Writes a statement, NUL-terminated, in the form for a server's version: it replaces the places in braces.
 */
extern void statement_for_version(WireBuffer *sql, const char *text, int version);

/* Prepares all statements in the form for the server's version. */
extern void statements_prepare(Session *session);

/*
 * Deallocates them at the end of the transaction, since a pooler then gives the server's session to others; a
 * batch of its own. With a pooler that manages prepared statements itself, which renames them, this fails
 * harmlessly as the last statement of the transaction.
 */
extern void statements_release(Session *session);

extern void statement_execute(Session *session, Statement statement, const Parameter *parameters, int count);

/* The same for a statement that is not prepared. */
extern void statement_ask(Session *session, Statement statement, const Parameter *parameters, int count);

#endif
