/*
 * error.h — how a request fails.
 *
 * Every refusal that a caller can cause goes through rg_fail: the SQLSTATE is PT<status>. While PostgREST
 * is served it is PGRST, by which PostgREST answers with a status, headers and a body of our choice: the
 * body's code is then the API's own (NOT_FOUND). The message is the fact, the detail says what was wrong
 * where, the hint what to do. Detail and hint may be NULL. Never put a secret, or any value of a credentials
 * object, into them.
 */
#ifndef RG_ERROR_H
#define RG_ERROR_H

#include "postgres.h"

#define RG_BAD_REQUEST            400
#define RG_UNAUTHORIZED           401
#define RG_FORBIDDEN              403
#define RG_NOT_FOUND              404
#define RG_METHOD_NOT_ALLOWED     405
#define RG_CONFLICT               409
#define RG_PRECONDITION_FAILED    412
#define RG_PAYLOAD_TOO_LARGE      413
#define RG_URI_TOO_LONG           414
#define RG_UNSUPPORTED_MEDIA_TYPE 415
#define RG_TOO_MANY               429
#define RG_INTERNAL_ERROR         500
#define RG_NOT_IMPLEMENTED        501
#define RG_BAD_GATEWAY            502
#define RG_UNAVAILABLE            503
#define RG_GATEWAY_TIMEOUT        504

/* What a response's WWW-Authenticate and Retry-After say. */
#define RG_CHALLENGE           "Bearer"
#define RG_RETRY_AFTER_SECONDS "5"

extern void
rg_fail(int status, const char *message, const char *detail, const char *hint) __attribute__((noreturn));

/* The API's name for a status: NOT_FOUND for 404. */
extern const char *rg_error_code(int status);

/* Tells rg_fail how to find out whether it is PostgREST that asks. */
extern void rg_error_ask_postgrest(bool (*is_postgrest)(void));

/*
 * While it is off, failures have the SQLSTATE PT<status> whoever asks: for who catches them and answers
 * himself. Returns what it was; errors do not restore it.
 */
extern bool rg_error_for_postgrest(bool on);

#endif
