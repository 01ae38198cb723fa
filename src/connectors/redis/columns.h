/*
 * columns.h — the columns of a relation, told from what some of its keys hold.
 */
#ifndef RG_REDIS_COLUMNS_H
#define RG_REDIS_COLUMNS_H

#include "connectors/inference/paths.h"
#include "connectors/redis/values.h"

/* The columns that are not fields of a hash or an entry. */
#define KEY_COLUMN    "key"
#define VALUE_COLUMN  "value"
#define INDEX_COLUMN  "index"
#define MEMBER_COLUMN "member"
#define SCORE_COLUMN  "score"
#define ID_COLUMN     "id"
/* All fields, where their names are data. */
#define FIELDS_COLUMN "fields"

/* A field that is called like one of the others has this behind its name, once more for each that it ends
 * with. */
#define FIELD_SUFFIX " (field)"

typedef struct Columns
{
	KeyType type;
	Paths *paths;
	int64_t unnamed; /* fields whose names are no text */
} Columns;

extern void columns_begin(Columns *columns, KeyType type);
extern void columns_take(Columns *columns, const Row *row);

/* Writes the members `columns` and `primary_key`. Returns the number of columns. To be called once. */
extern int columns_write(Columns *columns, WireBuffer *out);
extern void columns_free(Columns *columns);

/* Has a column of this name to have the suffix? */
extern bool column_name_is_taken(KeyType type, const char *name, size_t length);

/* Is it a text of PostgreSQL: UTF-8 without NUL? */
extern bool is_plain_text(RespText text);

#endif
