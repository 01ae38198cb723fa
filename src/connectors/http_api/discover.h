/*
 * discover.h — the operation discover.
 */
#ifndef RG_HTTP_API_DISCOVER_H
#define RG_HTTP_API_DISCOVER_H

#include "connectors/http_api/api.h"

/* Returns the signature of the source, or NULL. */
extern const char *discover_document(const Request *request, Api *api);

/* The endpoints that the source names. */
extern void discover_endpoints(const Request *request, Service *service);

#endif
