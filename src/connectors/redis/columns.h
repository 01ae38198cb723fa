/*
 * columns.h — the columns of a relation, told from what some of its keys hold.
 */
#ifndef RG_REDIS_COLUMNS_H
#define RG_REDIS_COLUMNS_H

#include "connectors/inference/paths.h"
#include "connectors/redis/client.h"
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

/* Every value of Redis is bytes. What they look like is their type; inside of JSON it is that of JSON. */
typedef enum ColumnType
{
	TYPE_OBJECT,
	TYPE_ARRAY,
	TYPE_STRING,
	TYPE_INTEGER,
	TYPE_NUMBER,
	TYPE_BOOLEAN,
	TYPE_BYTES,
	TYPE_COUNT
} ColumnType;

extern const PathTypes column_types;

typedef struct Columns
{
	KeyType type;
	Paths *paths;
	int64_t unnamed; /* fields whose names are no text */
} Columns;

extern void columns_begin(Columns *columns, KeyType type);
extern void columns_take(Columns *columns, const Row *row);

/* Looks at what is in the keys. */
extern void columns_look(Columns *columns, Client *client, const RespText *keys, int count);

extern void columns_free(Columns *columns);

/* Has a column of this name to have the suffix? */
extern bool column_name_is_taken(KeyType type, const char *name, size_t length);

#endif
