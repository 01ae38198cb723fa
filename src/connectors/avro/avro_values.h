/*
 * avro_values.h — the values of an object, pulled out in the order in which the schema has them: of a record
 * one field after the other; of a union avro_take_branch(), then the value of that type; of an array or a map
 * avro_next_item() before each item, which is a key, of a map, and a value.
 */
#ifndef RG_AVRO_VALUES_H
#define RG_AVRO_VALUES_H

#include "connectors/avro/avro_file.h"

/* They stay until avro_next(). */
typedef struct AvroBytes
{
	const char *bytes;
	size_t length;
} AvroBytes;

extern bool avro_take_boolean(AvroFile *avro);

/* Of an int, a long, or an enum: the number of its symbol. */
extern int64_t avro_take_integer(AvroFile *avro, const AvroType *type);

/* Of a float or a double. */
extern double avro_take_number(AvroFile *avro, const AvroType *type);

/* Of bytes, a string or a fixed. */
extern AvroBytes avro_take_bytes(AvroFile *avro, const AvroType *type);

/* The key of an item of a map. */
extern AvroBytes avro_take_key(AvroFile *avro);

/* The type that comes next: of a union a branch of it; each other type itself. */
extern const AvroType *avro_take_branch(AvroFile *avro, const AvroType *type);

/* Begins as {0}. */
typedef struct AvroItems
{
	int64_t left; /* of the present piece */
} AvroItems;

/* Goes to the next item of an array or a map. Returns false behind the last one. */
extern bool avro_next_item(AvroFile *avro, AvroItems *items);

/* Passes over a value. */
extern void avro_skip(AvroFile *avro, const AvroType *type);

#endif
