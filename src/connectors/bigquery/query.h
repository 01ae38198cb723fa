/*
 * query.h — the operation query.
 */
#ifndef RG_BIGQUERY_QUERY_H
#define RG_BIGQUERY_QUERY_H

#include "connectors/bigquery/service.h"

/* Returns whether there are more rows than the limit. */
extern bool query_run(const Request *request, Service *service);

#endif
