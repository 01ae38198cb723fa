#include "connectors/redis/keys.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/hash.h"
#include "connectors/common/memory.h"

/* The place of the key in the table, or the free one where it belongs. */
static uint32_t *
find(const Keys *keys, const char *bytes, size_t length, uint64_t hash)
{
	size_t at = hash & (keys->table_size - 1);

	while (keys->table[at] != 0)
	{
		const Key *key = &keys->items[keys->table[at] - 1];

		if (key->hash == hash && key->length == length && memcmp(key->bytes, bytes, length) == 0)
			break;
		at = (at + 1) & (keys->table_size - 1);
	}
	return &keys->table[at];
}

static void
grow(Keys *keys)
{
	keys->capacity = keys->capacity ? keys->capacity * 2 : 1024;
	keys->items = reallocate(keys->items, keys->capacity * sizeof(Key));
	keys->table_size = keys->capacity * 2;
	free(keys->table);
	keys->table = allocate(keys->table_size * sizeof(uint32_t));
	memset(keys->table, 0, keys->table_size * sizeof(uint32_t));
	for (size_t i = 0; i < keys->count; i++)
		*find(keys, keys->items[i].bytes, keys->items[i].length, keys->items[i].hash) = (uint32_t) i + 1;
}

bool
keys_add(Keys *keys, RespText key, int node)
{
	uint64_t hash = hash_bytes(HASH_BEGINS, key.bytes, key.length);
	uint32_t *place;
	Key *added;

	if (keys->count == keys->capacity)
		grow(keys);
	place = find(keys, key.bytes, key.length, hash);
	if (*place != 0)
		return false;
	added = &keys->items[keys->count++];
	*place = (uint32_t) keys->count;
	*added = (Key){.bytes = allocate(key.length + 1), .length = key.length, .hash = hash, .node = node};
	memcpy(added->bytes, key.bytes, key.length);
	added->bytes[key.length] = '\0';
	keys->bytes += key.length + sizeof(Key);
	return true;
}
