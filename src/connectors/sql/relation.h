/*
 * relation.h — a relation as SQL databases have it, and its document.
 */
#ifndef RG_SQL_RELATION_H
#define RG_SQL_RELATION_H

#include <stdbool.h>

#include "connectors/common/emit.h"

typedef struct SqlNames
{
	const char **items;
	int count;
} SqlNames;

/* Texts that are NULL are left out, here and below. */
typedef struct SqlColumn
{
	const char *name;
	const char *id; /* one that survives a new name */
	const char *type;
	const char *pg_type;
	bool not_null;
	const char *default_text;
	const char *identity;  /* always, by default */
	const char *generated; /* stored, virtual */
	const char *expression;
	const char *collation;
	const char *comment;
	SqlNames values;         /* of an enumerated type */
	const char *domain_base; /* what an alias stands for */
	bool invisible;
	const char *more; /* further members of the column, each with a comma before */
} SqlColumn;

/* A primary or unique key; of a foreign key also what it refers to. */
typedef struct SqlKey
{
	const char *name;
	SqlNames columns;
	const char *schema;
	const char *table;
	SqlNames referenced;
	const char *on_update;
	const char *on_delete;
	bool not_valid;
	bool not_enforced; /* the source checks no row against it */
} SqlKey;

typedef struct SqlCheck
{
	const char *name;
	const char *definition;
	bool not_valid;
	bool not_enforced;
} SqlCheck;

typedef struct SqlIndex
{
	const char *name;
	const char *method;
	bool unique;
	bool primary;
	bool invisible; /* the planner does not use it */
	bool invalid;   /* the source does not keep it up */
	SqlNames columns;
	SqlNames include;
	const char *predicate;
	const char *comment;
} SqlIndex;

typedef struct SqlOption
{
	const char *name;
	const char *value;
} SqlOption;

/* Texts of integers. */
typedef struct SqlSequence
{
	const char *start;
	const char *increment;
	const char *minimum;
	const char *maximum;
	const char *cache;
	bool cycle;
} SqlSequence;

typedef struct SqlRelation
{
	const char *comment;
	SqlColumn *columns;
	int column_count;
	const SqlKey *primary_key; /* or NULL */
	SqlKey *uniques;
	int unique_count;
	SqlKey *foreign_keys;
	int foreign_key_count;
	SqlCheck *checks;
	int check_count;
	SqlIndex *indexes;
	int index_count;
	const char *definition;
	const char *partition_key;
	SqlOption *options;
	int option_count;
	const SqlSequence *sequence; /* or NULL */
	SqlNames unreadable;         /* members that the user may not read */
} SqlRelation;

/* Emits the relation, or reports it as skipped if a name in it is not UTF-8 or its document is too long. */
extern void sql_emit_relation(RelationFrame *frame, const SqlRelation *relation, int64_t document_bytes);

#endif
