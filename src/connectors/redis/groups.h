/*
 * groups.h — sorts keys into patterns.
 *
 * Keys are compared segment by segment. At each place the segments that look like data become a star. When
 * more than MOST_NAMES others stand there under the same parent, they are data, too; those that data follow
 * (user in user:17) count as names up to MOST_PREFIXES. Which patterns there are depends on the set of the
 * keys alone, not on their order. A key without a star that fits another pattern belongs to that.
 */
#ifndef RG_REDIS_GROUPS_H
#define RG_REDIS_GROUPS_H

#include "connectors/redis/keys.h"
#include "connectors/redis/pattern.h"

#define MOST_NAMES    20
#define MOST_PREFIXES 200

/* The keys of one pattern and type. */
typedef struct Group
{
	Pattern pattern; /* its segments are parts of keys */
	KeyType type;    /* KEY_REFUSED: the user may not read any */
	const Key **keys;
	size_t count;
	size_t refused; /* keys of the same pattern that may not be read */
	char *name;
} Group;

typedef struct Groups
{
	Group *items;
	size_t count;
	size_t capacity;
} Groups;

/* Makes the groups in the order of their names. */
extern void groups_make(Groups *groups, const Keys *keys, const char *delimiter);

#endif
