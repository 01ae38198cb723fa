/*
 * type.h — what a key holds.
 */
#ifndef RG_REDIS_TYPE_H
#define RG_REDIS_TYPE_H

#include "connectors/redis/resp.h"

typedef enum KeyType
{
	KEY_STRING,
	KEY_HASH,
	KEY_LIST,
	KEY_SET,
	KEY_ZSET,
	KEY_STREAM,
	KEY_JSON,    /* of the module RedisJSON */
	KEY_OTHER,   /* of another module: only its key is known */
	KEY_REFUSED, /* the user may not read it */
	KEY_GONE
} KeyType;

#define KEY_TYPES (KEY_OTHER + 1) /* that relations have */

/* In the words of Redis. */
extern const char *key_type_name(KeyType type);

/* Of a name; KEY_GONE: of none. */
extern KeyType key_type_named(const char *name, size_t length);

/* From the answer to TYPE. */
extern KeyType key_type_answered(const RespAnswer *answer, const RespValue *value);

#endif
