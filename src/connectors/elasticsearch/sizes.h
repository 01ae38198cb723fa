/*
 * sizes.h — how many documents indices have, and how large they are.
 */
#ifndef RG_ELASTICSEARCH_SIZES_H
#define RG_ELASTICSEARCH_SIZES_H

#include "connectors/elasticsearch/cluster.h"

typedef struct Size
{
	char *index;
	int64_t documents; /* with those that are nested in others */
	int64_t bytes;     /* without copies */
} Size;

/* By the names of the indices. */
typedef struct Sizes
{
	Size *items;
	int count;
} Sizes;

/* Without the right to see them there are none, which a log line says. */
extern void sizes_read(Sizes *sizes, Cluster *cluster, bool with_hidden);

/* NULL: not known. */
extern const Size *sizes_of(const Sizes *sizes, const char *index);

extern void sizes_free(Sizes *sizes);

#endif
