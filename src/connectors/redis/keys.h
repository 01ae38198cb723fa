/*
 * keys.h — the keys that a scan has met, each once.
 */
#ifndef RG_REDIS_KEYS_H
#define RG_REDIS_KEYS_H

#include "connectors/redis/type.h"

typedef struct Key
{
	char *bytes; /* with a zero behind them */
	size_t length;
	uint64_t hash; /* the same in every process */
	KeyType type;
	int node;
} Key;

typedef struct Keys
{
	Key *items;
	size_t count;
	size_t capacity;
	size_t bytes;
	uint32_t *table; /* positions of keys from 1 on, by their hash */
	size_t table_size;
} Keys;

/* Returns false if the key is known. */
extern bool keys_add(Keys *keys, RespText key, int node);

#endif
