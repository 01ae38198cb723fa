/* failure.h — inside the worker room: why an operation on a source failed, as callers see it. */
#ifndef RG_FAILURE_H
#define RG_FAILURE_H

#include "postgres.h"

/* Texts hold no secrets, and nothing that only the operator of this server may know. */
typedef struct RgFailure
{
	const char *code;
	const char *step; /* configure, resolve, ssh, connect, tls, authenticate or query */
	const char *message;
	const char *detail; /* or NULL */
	bool transient;     /* trying again may help */
	bool elsewhere;     /* no failure of the source: its state and history are not touched */
} RgFailure;

/* Sets code and message, and the step to configure; detail may be NULL. Returns false, for the caller to
 * return. */
extern bool rg_failed(RgFailure *failure, const char *code, const char *message, const char *detail);

/*
 * This server is not set up for the operation, or lacks something. missing, which may name paths, is logged;
 * callers see message. Returns false.
 */
extern bool rg_failed_here(RgFailure *failure, const char *code, const char *message, const char *missing);

/*
 * An error of the server stopped the worker: a fault of the system, which the operator must mend, or of the
 * operation. The error is logged. Returns false.
 */
extern bool rg_failed_by_error(RgFailure *failure, const char *message, const ErrorData *error);

#endif
