/*
 * query.h — a query of the caller: the command find or aggregate.
 */
#ifndef RG_MONGODB_QUERY_H
#define RG_MONGODB_QUERY_H

#include "connectors/common/request.h"

/* Returns whether there are more rows than the limit. */
extern bool query_source(Request *request);

#endif
