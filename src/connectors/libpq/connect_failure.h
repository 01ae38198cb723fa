/*
 * connect_failure.h — why there is no connection, in the protocol's words.
 */
#ifndef RG_LIBPQ_CONNECT_FAILURE_H
#define RG_LIBPQ_CONNECT_FAILURE_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "connectors/libpq/incoming.h"

typedef struct ConnectFailure
{
	const char *step;
	const char *code;
	bool transient;
	bool another_address_may_help;
	const char *message;
	const char *hint;
	char detail[500]; /* what the server or the library said, on one line */
} ConnectFailure;

/* The connection must have verbose errors. */
extern void connect_failure_describe(ConnectFailure *failure, PGconn *connection);
extern void connect_failure_timed_out(ConnectFailure *failure, PGconn *connection);
extern void connect_failure_refused(ConnectFailure *failure, Refusal refusal);
/* Describes that libpq reads in a way that incoming.h does not see. */
extern void connect_failure_unseen(ConnectFailure *failure);

/* Ends the process with an error frame. The password is passed so that the message never repeats it. */
extern void connect_failure_report(ConnectFailure *failure, const char *password) __attribute__((noreturn));

#endif
