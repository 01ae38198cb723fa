/*
 * seen.h — which texts have come before: a scan of Redis may give one twice. Only a keyed sum of each is
 * kept: who writes the texts does not know the key, and cannot make two that have the same sum.
 */
#ifndef RG_REDIS_SEEN_H
#define RG_REDIS_SEEN_H

#include "connectors/redis/resp.h"

typedef struct Seen
{
	uint64_t *sums; /* 0: free */
	size_t size;
	size_t count;
} Seen;

/* Returns false if it has come before. Ends the process if there are too many. */
extern bool seen_add(Seen *seen, RespText text);

/* Nothing has come yet. */
extern void seen_clear(Seen *seen);
extern void seen_free(Seen *seen);

#endif
