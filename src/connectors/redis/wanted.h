/*
 * wanted.h — which parts of a key and its elements the columns of a request are.
 */
#ifndef RG_REDIS_WANTED_H
#define RG_REDIS_WANTED_H

#include "connectors/common/judge.h"
#include "connectors/redis/columns.h"

typedef enum WantedKind
{
	WANTED_KEY,
	WANTED_VALUE, /* of a string or JSON, an element of a list or a set, a member of a sorted set */
	WANTED_INDEX,
	WANTED_SCORE,
	WANTED_ID,
	WANTED_FIELD, /* by its name */
	WANTED_FIELDS /* all of them, as JSON */
} WantedKind;

typedef struct WantedColumn
{
	WantedKind kind;
	RespText name;     /* of the field, in Redis */
	WireBuffer text;   /* of the present row, as PostgreSQL is to read it */
	JudgedValue value; /* the same; bytes NULL: null */
} WantedColumn;

typedef struct Wanted
{
	KeyType type;
	WantedColumn *columns;
	int count;
	bool has_fields; /* a column of the kind WANTED_FIELDS */
	int field_count; /* columns of the kind WANTED_FIELD */
} Wanted;

/* Do relations of this type have a column of that name? */
extern bool wanted_is_column(KeyType type, const char *name);

/* Adds such a column. */
extern void wanted_add(Wanted *wanted, const char *name);

/* A row of which nothing is known yet: all are null. */
extern void wanted_clear(Wanted *wanted);

/* Sets the columns of this kind. */
extern void wanted_set(Wanted *wanted, WantedKind kind, RespText value);

/* Sets the columns of this field, and adds it to those of all fields. */
extern void wanted_set_field(Wanted *wanted, RespText name, RespText value);

/* Sets one column. */
extern void wanted_set_column(WantedColumn *column, RespText value);

/* The row is whole. */
extern void wanted_finish(Wanted *wanted);

extern void wanted_free(Wanted *wanted);

#endif
