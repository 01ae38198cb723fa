/*
 * connect_failure.h — why a connection failed.
 */
#ifndef RG_MYSQL_CONNECT_FAILURE_H
#define RG_MYSQL_CONNECT_FAILURE_H

#include <mysql.h>
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

/* wants_tls: nothing else may be sent than the request for TLS. */
extern void connect_failure_describe(ConnectFailure *failure, MYSQL *connection, bool wants_tls);
extern void connect_failure_report(const ConnectFailure *failure) __attribute__((noreturn));

#endif
