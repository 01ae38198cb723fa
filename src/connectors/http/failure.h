/*
 * failure.h — why a request had no answer, or one that is a failure, in the words of the protocol.
 */
#ifndef RG_HTTP_FAILURE_H
#define RG_HTTP_FAILURE_H

#include <stdbool.h>

#include "connectors/http/message.h"

typedef struct HttpFailure
{
	const char *step;
	const char *code;
	bool transient;
	const char *message;
	const char *hint;
	char detail[256];
} HttpFailure;

/* By the number that libcurl's transfer ended with. system: a number of errno, or 0; has_connected: a
 * connection stood. */
extern void http_failure_set_transfer(HttpFailure *failure, int result, int system, bool has_connected);

/* The same for a way by a proxy. connect_status: of its answer to CONNECT; 0: there was none. */
extern void http_failure_set_proxied(HttpFailure *failure, int result, int system, bool has_connected,
									 int connect_status);

/* The proxy may not be asked for this host. */
extern void http_failure_set_unlisted(HttpFailure *failure, const char *host, int port);

extern void http_failure_set_long(HttpFailure *failure, int64_t most_bytes);

/* By the answer's status, which is no success. */
extern void http_failure_set_status(HttpFailure *failure, const HttpAnswer *answer);

/* Says in the detail how the service answered. name: what it calls the failure; NULL or empty: nothing. */
extern void http_failure_name(HttpFailure *failure, const HttpAnswer *answer, const char *name);

/* Ends the process. */
extern void http_failure_report(const HttpFailure *failure) __attribute__((noreturn));

#endif
