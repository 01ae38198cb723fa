/*
 * filter.h — conditions of a read as a filter of the source's, which leaves out no document that fulfils
 * them. Every condition is judged here once more.
 */
#ifndef RG_MONGODB_FILTER_H
#define RG_MONGODB_FILTER_H

#include <bson/bson.h>

#include "connectors/common/read_request.h"

/* Can a name stand in a filter or a projection, where a dot leads into a document? */
extern bool filter_takes_name(const char *name);

/* Appends what the source can judge of the conditions; nothing if it can judge nothing. */
extern void filter_append(bson_t *filter, const Condition *conditions, int count);

#endif
