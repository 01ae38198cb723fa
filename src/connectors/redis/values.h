/*
 * values.h — what a key holds, as rows: of a string and a hash one, of the others one for each element.
 */
#ifndef RG_REDIS_VALUES_H
#define RG_REDIS_VALUES_H

#include "connectors/redis/client.h"
#include "connectors/redis/type.h"

/* The first elements that are looked at to tell what is in a key. */
#define LOOKED_AT_BYTES    4096
#define LOOKED_AT_ELEMENTS 10
/* More are a map, whichever they are. */
#define LOOKED_AT_FIELDS 1000

/* A name and what it has. A null has no bytes. */
typedef struct Field
{
	RespText name;
	RespText value;
	bool is_left_out; /* the value is too long to be kept */
} Field;

typedef struct Row
{
	Field *fields;
	int count;
	int capacity;
} Row;

/* Adds the command that reads the beginning of what is in the key. */
extern void values_look(Client *client, KeyType type, RespText key);

/* Of a string that is longer than LOOKED_AT_BYTES: up to a megabyte. */
extern void values_look_whole(Client *client, RespText key);

/* Gives the rows of its answer. An error gives none. */
extern void values_take(const RespAnswer *answer, KeyType type, Row *row,
						void (*take)(void *context, const Row *row), void *context);

extern void row_add(Row *row, RespText name, const RespAnswer *answer, const RespValue *value);
extern void row_free(Row *row);

#endif
