/*
 * discover.h — the operation discover.
 */
#ifndef RG_BIGQUERY_DISCOVER_H
#define RG_BIGQUERY_DISCOVER_H

#include "connectors/bigquery/service.h"

extern void discover_datasets(const Request *request, Service *service);

#endif
