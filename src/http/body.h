/*
 * body.h — the body of a request: a JSON object in UTF-8, or empty.
 */
#ifndef RG_HTTP_BODY_H
#define RG_HTTP_BODY_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "request.h"
#include "routes.h"

/*
 * The JSON object, or NULL if the route has no body or the body is invalid; *fault then describes the fault:
 * 413, 415 or 400.
 */
extern Jsonb *
rg_http_body(const RgRoute *route, const RgRequestHeaders *headers, const bytea *body, RgBodyFault *fault);

#endif
