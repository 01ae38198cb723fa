/*
 * arguments.h — reads the arguments of a route's statement from path, query, headers and body.
 */
#ifndef RG_HTTP_ARGUMENTS_H
#define RG_HTTP_ARGUMENTS_H

#include "postgres.h"

#include "request.h"
#include "routes.h"

/* Reports a missing object first (404), then all faults at once (400). */
extern void rg_http_arguments(const RgRoute *route, const RgSegments *segments, const char *query,
							  const RgRequestHeaders *headers, const bytea *body, RgArguments *arguments);

#endif
