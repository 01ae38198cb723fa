/*
 * search.h — the indexes of the module RediSearch, which declare fields of the keys that have a prefix.
 */
#ifndef RG_REDIS_SEARCH_H
#define RG_REDIS_SEARCH_H

#include "connectors/redis/client.h"
#include "connectors/redis/keys.h"

/* What FT.INFO says of one. */
typedef struct SearchIndex
{
	char *name;
	RespAnswer answer;
} SearchIndex;

/* In the order of their names. */
typedef struct SearchIndexes
{
	SearchIndex *items;
	int count;
} SearchIndexes;

/* Reads none where there is no such module, or the user may not ask. */
extern void search_read(SearchIndexes *indexes, Client *client);

/* Writes the member `indexes`: those that cover all of these keys, which are of one type. */
extern void search_write(const SearchIndexes *indexes, WireBuffer *out, const Key *const *keys, size_t count);

extern void search_free(SearchIndexes *indexes);

#endif
