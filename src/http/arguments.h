/*
 * arguments.h — the arguments of a route's statement, out of path, query, headers and body.
 */
#ifndef RG_HTTP_ARGUMENTS_H
#define RG_HTTP_ARGUMENTS_H

#include "postgres.h"

#include "request.h"
#include "routes.h"

/* arguments.c: what the request names and is not there is told before its faults, and those all at once. */
extern void rg_http_arguments(const RgRoute *route, const RgSegments *segments, const char *query,
							  const RgRequestHeaders *headers, const bytea *body, RgArguments *arguments);

#endif
