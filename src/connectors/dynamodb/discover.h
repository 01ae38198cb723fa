/*
 * discover.h — the operation discover.
 */
#ifndef RG_DYNAMODB_DISCOVER_H
#define RG_DYNAMODB_DISCOVER_H

#include "connectors/dynamodb/service.h"

extern void discover_tables(const Request *request, Service *service);

#endif
