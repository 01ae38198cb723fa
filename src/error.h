/*
 * error.h — how a request fails.
 *
 * Every refusal that a caller can cause goes through rg_fail: the SQLSTATE is PT<status>, which PostgREST
 * turns into that HTTP status. The message is the fact, the detail says what was wrong where, the hint what
 * to do. Detail and hint may be NULL. Never put a secret, or any value of a credentials object, into them.
 */
#ifndef RG_ERROR_H
#define RG_ERROR_H

#include "postgres.h"

#define RG_BAD_REQUEST     400
#define RG_UNAUTHORIZED    401
#define RG_FORBIDDEN       403
#define RG_NOT_FOUND       404
#define RG_CONFLICT        409
#define RG_TOO_MANY        429
#define RG_BAD_GATEWAY     502
#define RG_UNAVAILABLE     503
#define RG_GATEWAY_TIMEOUT 504

extern void
rg_fail(int status, const char *message, const char *detail, const char *hint) pg_attribute_noreturn();

#endif
