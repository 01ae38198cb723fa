/*
 * service.h — the service that the source is, and requests to it.
 */
#ifndef RG_SNOWFLAKE_SERVICE_H
#define RG_SNOWFLAKE_SERVICE_H

#include "connectors/http/client.h"
#include "connectors/snowflake/account.h"
#include "connectors/snowflake/login.h"

typedef struct Service
{
	const char *database;
	char *warehouse; /* or NULL: the user's own */
	char *role;      /* the same */
	int timeout;     /* of a statement, in seconds */
	bool is_watched; /* when standard input ends, the server does not want the answer any more */
	Account account;
	Login login;
	HttpEndpoint endpoint;
	HttpClient *client;
} Service;

/*
 * Takes what the request says, and its credentials, which it wipes there. Sends nothing. is_watched is set
 * before.
 */
extern void service_open(Service *service, Request *request);

/* A statement that was sent. */
typedef struct Submission
{
	char id[37];
	const WireBuffer *body; /* which stays until it is finished */
	bool is_async;          /* the answer says only that it runs */
	HttpPending *pending;
} Submission;

/* Sends a statement; others may be under way. */
extern void service_begin(Service *service, Submission *submission);

/*
 * Waits for its answer. If that is lost, it is sent again with its id, so that it runs once. Returns true if
 * the answer is a success, which the caller frees in either case.
 */
extern bool
service_finish(Service *service, Submission *submission, HttpAnswer *answer, HttpFailure *failure);

/* Asks for a statement: partition 0 and more of its result, or -1: whether it is done. The same. */
extern bool
service_ask(Service *service, const char *handle, int partition, HttpAnswer *answer, HttpFailure *failure);

/* Cancels a statement; whether it could be is not told. */
extern void service_cancel(Service *service, const char *handle);

#endif
