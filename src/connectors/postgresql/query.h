/*
 * query.h — runs a query in the source's own words and sends its rows.
 */
#ifndef RG_POSTGRESQL_QUERY_H
#define RG_POSTGRESQL_QUERY_H

#include "connectors/common/request.h"

/* Returns whether there are more rows than the limit. */
extern bool query_source(Request *request);

#endif
