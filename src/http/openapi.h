/*
 * openapi.h — the tables of this room as rows, for the functions of sql/objects/380_openapi.sql, which build
 * the OpenAPI document.
 */
#ifndef RG_HTTP_OPENAPI_H
#define RG_HTTP_OPENAPI_H

#include "postgres.h"

/* The OpenAPI document of the routes. */
extern char *rg_openapi_document(void);

#endif
