/*
 * mappings.h — reads the mappings of many indices: several at a time, of which no answer is large.
 */
#ifndef RG_ELASTICSEARCH_MAPPINGS_H
#define RG_ELASTICSEARCH_MAPPINGS_H

#include "connectors/elasticsearch/cluster.h"
#include "connectors/elasticsearch/fields.h"

/* Gets the fields of one index, which it may keep by emptying *fields; NULL: they cannot be read, and why. */
typedef void (*MappingTaker)(void *context, const char *index, Fields *fields, const char *reason);

/*
 * Calls `take` once for each of these indices, in their order. An index that is gone has no call. A failure
 * that is of no single index ends the process.
 */
extern void
mappings_read(Cluster *cluster, char *const *indices, int count, MappingTaker take, void *context);

#endif
