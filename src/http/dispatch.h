/*
 * dispatch.h — from a path to its route.
 */
#ifndef RG_HTTP_DISPATCH_H
#define RG_HTTP_DISPATCH_H

#include "postgres.h"

#include "request.h"
#include "routes.h"

/* dispatch.c: fails with 404; *allow gets the methods, and the answer is NULL, when only the method is wrong.
 */
extern const RgRoute *rg_http_dispatch(const RgRequestLine *line, RgSegments *segments, char **allow);

#endif
