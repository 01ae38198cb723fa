/*
 * endpoint.h — an endpoint that the source names, which no document describes.
 */
#ifndef RG_HTTP_API_ENDPOINT_H
#define RG_HTTP_API_ENDPOINT_H

#include "connectors/http_api/operation.h"

/* The one with that number. operation_free() frees it. */
extern void endpoint_open(ApiOperation *operation, const Service *service, int number);

/* Returns false if there is none of that schema and that name. */
extern bool
endpoint_find(ApiOperation *operation, const Service *service, const char *schema, const char *name);

#endif
