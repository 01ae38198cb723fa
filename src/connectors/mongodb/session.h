/*
 * session.h — a connection and its commands, bounded in time. No text of the server gets into an error of a
 * discovery: it may hold values.
 */
#ifndef RG_MONGODB_SESSION_H
#define RG_MONGODB_SESSION_H

#include <mongoc/mongoc.h>

#include "connectors/common/request.h"

/* Numbers of the server's errors. */
#define SERVER_UNAUTHORIZED        13
#define SERVER_AUTHENTICATION      18
#define SERVER_NAMESPACE_NOT_FOUND 26
#define SERVER_TIME_LIMIT          50
#define SERVER_COMMAND_NOT_FOUND   59

typedef struct Session
{
	mongoc_client_t *client;
	const char *database;
	int query_timeout; /* seconds */
	bool is_waiting;   /* for documents */
	char version[64];
} Session;

/* The bound of each later wait begins with this call. */
extern void session_wait(const Session *session);

/*
 * Runs a command that only reads. Returns false with the server's error; a connection that is lost, and a
 * server that does not answer in time, end the process. The caller destroys the reply in both cases.
 */
extern bool session_command(Session *session, const char *database, const bson_t *command, bson_t *reply,
							bson_error_t *error);

/* Ends the process if the error is none of the server's own, or says that the query took too long. */
extern void session_check(const bson_error_t *error);

/* Ends the process, whatever the error is. */
extern void give_up_query(const bson_error_t *error) __attribute__((noreturn));

/* Ends the process: what the server sent is no BSON, or no answer to what was asked. */
extern void give_up_malformed(void) __attribute__((noreturn));

/* Is the session still connected? */
extern bool session_is_alive(Session *session);

/* Asks for the version, which needs a login. Returns false with the error. */
extern bool session_learn(Session *session, bson_error_t *error);

/* Sends `connected`. */
extern void session_tell(const Session *session);

extern void session_close(Session *session);

/* The documents of a cursor. */

/* Returns the next one, or NULL at the end or with an error, whose code is not 0. */
extern const bson_t *session_next(Session *session, mongoc_cursor_t *cursor, bson_error_t *error);

/* Ends the cursor, at the server too. */
extern void session_end_cursor(Session *session, mongoc_cursor_t *cursor);

#endif
