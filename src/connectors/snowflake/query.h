/*
 * query.h — the operation query.
 */
#ifndef RG_SNOWFLAKE_QUERY_H
#define RG_SNOWFLAKE_QUERY_H

#include "connectors/snowflake/service.h"

/* Returns whether there are more rows than the limit. */
extern bool query_run(const Request *request, Service *service);

#endif
