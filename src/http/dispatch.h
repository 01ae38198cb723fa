/*
 * dispatch.h — from a path to its route.
 */
#ifndef RG_HTTP_DISPATCH_H
#define RG_HTTP_DISPATCH_H

#include "postgres.h"

#include "request.h"
#include "routes.h"

/* Fails with 404. If only the method is wrong, returns NULL and sets *allow to the valid methods. */
extern const RgRoute *rg_http_dispatch(const RgRequestLine *line, RgSegments *segments, char **allow);

#endif
