/*
 * openapi.h — the tables of this module as rows, for the functions of sql/objects/380_openapi.sql, which make
 * the OpenAPI document out of them.
 */
#ifndef RG_HTTP_OPENAPI_H
#define RG_HTTP_OPENAPI_H

#include "postgres.h"

/* openapi.c: the description of these routes. */
extern char *rg_openapi_document(void);

#endif
