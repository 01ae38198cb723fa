/*
 * bound.h — the values that conditions give the parameters of an operation.
 */
#ifndef RG_HTTP_API_BOUND_H
#define RG_HTTP_API_BOUND_H

#include "connectors/common/read_request.h"
#include "connectors/files/format.h"
#include "connectors/http_api/operation.h"

/* The parameter that must have a value, and has none; NULL: there is none. read: NULL without conditions. */
extern const char *bound_lacking(const ApiOperation *operation, const ReadRequest *read);

/* The value of a parameter that must have one; NULL: no condition gives it. */
extern const char *bound_value(const ApiOperation *operation, const ReadRequest *read, const char *name);

/* The path with its values; NULL: one of them names nothing. *is_bound: there are some. The caller frees it.
 */
extern char *bound_path(const ApiOperation *operation, const ReadRequest *read, bool *is_bound);

/* Adds the parameters that must have a value. */
extern void bound_query(const ApiOperation *operation, const ReadRequest *read, UrlQuery *query);

/* Adds conditions that a parameter of the column's name and type takes. Returns whether there are any. */
extern bool bound_push(const ApiOperation *operation, const FileRelation *relation, const ReadRequest *read,
					   UrlQuery *query);

#endif
