/*
 * connect_failure.h — why a connection failed.
 */
#ifndef RG_SQLSERVER_CONNECT_FAILURE_H
#define RG_SQLSERVER_CONNECT_FAILURE_H

#include <stdbool.h>

typedef struct ConnectFailure
{
	const char *step;
	const char *code;
	bool transient;
	bool another_address_may_help;
	const char *message;
	const char *hint;
	char detail[160];
} ConnectFailure;

/* By what the handlers of session.c and the guards have kept of the last attempt. */
extern void connect_failure_describe(ConnectFailure *failure);
extern void connect_failure_report(const ConnectFailure *failure) __attribute__((noreturn));

#endif
