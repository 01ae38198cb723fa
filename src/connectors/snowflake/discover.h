/*
 * discover.h — the operation discover.
 */
#ifndef RG_SNOWFLAKE_DISCOVER_H
#define RG_SNOWFLAKE_DISCOVER_H

#include "connectors/snowflake/catalog.h"

/* schemas: those of the database. */
extern void discover_schemas(const Request *request, Service *service, const SqlRows *schemas);

#endif
