/*
 * types.h — the types of BSON, in the order in which several of them are named.
 */
#ifndef RG_MONGODB_TYPES_H
#define RG_MONGODB_TYPES_H

#include <bson/bson.h>

#include "connectors/inference/paths.h"

typedef enum MongoType
{
	MONGO_OBJECT,
	MONGO_ARRAY,
	MONGO_OBJECT_ID,
	MONGO_STRING,
	MONGO_INT,
	MONGO_LONG,
	MONGO_DOUBLE,
	MONGO_DECIMAL,
	MONGO_BOOL,
	MONGO_DATE,
	MONGO_TIMESTAMP,
	MONGO_BIN_DATA,
	MONGO_BIN_DATA_1,
	MONGO_BIN_DATA_2,
	MONGO_BIN_DATA_3,
	MONGO_BIN_DATA_5,
	MONGO_BIN_DATA_6,
	MONGO_BIN_DATA_7,
	MONGO_BIN_DATA_8,
	MONGO_BIN_DATA_128,
	MONGO_UUID,
	MONGO_REGEX,
	MONGO_JAVASCRIPT,
	MONGO_DB_POINTER,
	MONGO_SYMBOL,
	MONGO_MIN_KEY,
	MONGO_MAX_KEY,
	MONGO_UNDEFINED,
	MONGO_TYPES
} MongoType;

extern const PathTypes mongo_types;

/* Of the value at the iterator, which is no null. */
extern MongoType mongo_type_of(const bson_iter_t *value);

/* By its alias of $type and bsonType. MONGO_TYPES: there is none of that name. */
extern MongoType mongo_type_named(const char *alias);

/* Is it a uuid: 16 bytes, marked as one? */
extern bool mongo_is_uuid(const bson_iter_t *value);

#endif
