/* failure.h — inside the worker room: why an operation on a source failed, as callers are told. */
#ifndef RG_FAILURE_H
#define RG_FAILURE_H

#include "postgres.h"

/* Every text is free of secrets, and of what only the operator of this server is to know. */
typedef struct RgFailure
{
	const char *code;
	const char *step; /* configure, resolve, connect, tls, authenticate or query */
	const char *message;
	const char *detail; /* or NULL */
	bool transient;     /* trying again may help */
	bool elsewhere;     /* no failure of the source: neither its state nor its history tells of it */
} RgFailure;

/* Sets code and message, and the step to configure; detail may be NULL. Returns false, for the caller to
 * return. */
extern bool rg_failed(RgFailure *failure, const char *code, const char *message, const char *detail);

/*
 * This server is not set up for it, or lacks something. missing, which may name paths, goes to the log;
 * message is what callers are told. Returns false.
 */
extern bool rg_failed_here(RgFailure *failure, const char *code, const char *message, const char *missing);

/*
 * An error of the server stopped the worker: of the system below it, which is the operator's affair, or of
 * what was to be done. The error is logged. Returns false.
 */
extern bool rg_failed_by_error(RgFailure *failure, const char *message, const ErrorData *error);

#endif
