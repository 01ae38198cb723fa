/*
 * sizes.h — how large the tables of a keyspace are, as the node that is asked estimates it every few minutes
 * from what it has on disk of its own ranges of tokens.
 */
#ifndef RG_CASSANDRA_SIZES_H
#define RG_CASSANDRA_SIZES_H

#include "connectors/cassandra/session.h"

/* What was estimated of one table. */
typedef struct Size
{
	char *table;
	double partitions;
	double bytes;
	double share; /* of all tokens */
} Size;

/* In the order of the tables' names. */
typedef struct Sizes
{
	Size *items;
	size_t count;
} Sizes;

/* Reads nothing where the server has none, or keeps them from the user. */
extern void sizes_read(Session *session, const char *keyspace, Sizes *sizes);

/* Of the whole cluster, as if all nodes had as much as this one; ABSENT: it is not known. */
extern int64_t sizes_partitions(const Sizes *sizes, const char *table);
extern int64_t sizes_bytes(const Sizes *sizes, const char *table);

extern void sizes_free(Sizes *sizes);

#endif
