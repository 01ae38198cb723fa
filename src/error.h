/*
 * error.h — how a request fails.
 *
 * Every failure that a caller can cause goes through rg_fail. The SQLSTATE is PT<status>; under PostgREST it
 * is PGRST, with which PostgREST takes status, headers and body from the error, and the body's code is the
 * API's own (NOT_FOUND). The message states the fact, the detail says where and why, the hint what to do.
 * Detail and hint may be NULL. None of them may contain a secret or a value of a credentials object.
 */
#ifndef RG_ERROR_H
#define RG_ERROR_H

#include "postgres.h"

#define RG_NOT_MODIFIED           304
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

/* The value of the header WWW-Authenticate, and the usual one of Retry-After. */
#define RG_CHALLENGE           "Bearer"
#define RG_RETRY_AFTER_SECONDS 5

extern void
rg_fail(int status, const char *message, const char *detail, const char *hint) __attribute__((noreturn));

/*
 * The next failure with 429 or 503 gets these seconds as Retry-After instead of the usual ones; 0: the usual
 * ones.
 */
extern void rg_error_try_after(int seconds);

/* The seconds for the failure that is answered now, as text; the next failure has the usual ones again. */
extern const char *rg_error_retry_after(void);

/* 503 during recovery. The message says what a standby does not do. */
#define RG_STANDBY_DETAIL "This server is in recovery."
#define RG_STANDBY_HINT   "Connect to the primary server."

extern void rg_fail_on_standby(const char *message) __attribute__((noreturn));

/* 404: "<kind> <id> not found". */
extern void rg_fail_not_found(const char *kind, int64 id) __attribute__((noreturn));

/* The API's name for a status: NOT_FOUND for 404. */
extern const char *rg_error_code(int status);

/* The status for the code of a failed operation on a source (worker/failure.h). */
extern int rg_error_status_of(const char *code);

/* Registers the function that decides whether PostgREST is the caller. */
extern void rg_error_ask_postgrest(bool (*is_postgrest)(void));

/*
 * Turn off to get SQLSTATE PT<status> even under PostgREST, if the caller catches the error itself
 * (rivergen.http). Returns the previous setting; the caller must restore it, also after an error.
 */
extern bool rg_error_for_postgrest(bool on);

#endif
