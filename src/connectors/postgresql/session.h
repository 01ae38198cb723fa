/*
 * session.h — queries the server in a pipeline, with bounds on its silence and on its answers.
 *
 * Every statement runs in a READ ONLY transaction, and nothing outlives the transaction: after it a pooler
 * may give the server's session to another client. (Without a pooler, see often.h.)
 *
 * A batch is a number of statements and a sync point. Batches are answered in order, so a batch can be sent
 * while the server still answers another: the server never waits for the client. All results are binary.
 */
#ifndef RG_POSTGRESQL_SESSION_H
#define RG_POSTGRESQL_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectors/common/deadline.h"

typedef struct Session
{
	PGconn *connection;
	int query_timeout;     /* most seconds for an answer */
	int version;           /* as PQserverVersion gives it */
	Deadline opening;      /* until session_opened() nothing may take longer than this; then 0 */
	size_t longest_answer; /* in bytes, to one statement */
	bool has_prepared;     /* the statements of often.h */
	int64_t row_bytes;     /* of the longest row that is passed on; 0: none is */
	void (*abandon)(void); /* called when standard input ends during a wait; it does not return. Or NULL */
} Session;

/* A parameter's value; text is NULL for SQL NULL. length counts for binary values only. */
typedef struct Parameter
{
	const char *value;
	int length;
	bool binary;
} Parameter;

/* Until session_opened() answers are short, and have to come before the deadline. */
extern void session_open(Session *session, PGconn *connection, int query_timeout, Deadline deadline);
extern void session_opened(Session *session, size_t longest_answer);

/*
 * Begins a READ ONLY transaction with one snapshot. The user's own settings have no effect in it: names are
 * found in pg_catalog only, and values and definitions are spelled the same for every user. The server ends a
 * statement after these seconds, and a wait for a lock after these milliseconds. In the current batch; two
 * results.
 */
#define CATALOG_LOCK_MILLISECONDS 200 /* no session should keep a catalog locked for long */
extern void session_ask_begin(Session *session, int statement_seconds, int64_t lock_milliseconds);
extern void session_receive_begin(Session *session, PGresult **failed);

/* Ends the transaction, in a batch of its own; ignores a failure. */
extern void session_rollback(Session *session);

/*
 * Each adds to the current batch. A failure of the connection ends the process with an error frame.
 * Statements that are not prepared have text parameters.
 */
extern void session_ask(Session *session, const char *sql, const Parameter *parameter);
extern void session_ask_all(Session *session, const char *sql, const Parameter *parameters, int count);
extern void session_prepare(Session *session, const char *name, const char *sql);
extern void session_describe(Session *session, const char *name);
extern void session_execute(Session *session, const char *name, const Parameter *parameters, int count);
extern void session_end_batch(Session *session);

/*
 * Statements between these two are a batch of their own in a savepoint that is rolled back: if it fails, the
 * transaction goes on. The next two functions surround the receiving of the answers, in the same order.
 */
extern void session_begin_apart(Session *session);
extern void session_end_apart(Session *session);
extern void session_receive_begin_apart(Session *session);
extern void session_receive_end_apart(Session *session);

/*
 * Returns the next statement's result, which the caller clears. A failed statement ends the process, unless
 * `failed` is given: then *failed gets the error, and the result is NULL for this and each later statement of
 * the batch.
 */
extern void session_give_up(const PGresult *failure) __attribute__((noreturn));
extern void session_give_up_waiting(const Session *session) __attribute__((noreturn));

/* The server's bytes could not be read: the connection is lost, or a row is too long. */
extern void session_give_up_reading(const Session *session) __attribute__((noreturn));
extern PGresult *session_receive(Session *session, PGresult **failed);

/* To be called once per batch, after its last result. */
extern void session_receive_end(Session *session);

/*
 * Sends what is not yet sent, and reads what comes within these milliseconds. Returns false if nothing came.
 * For statements outside of the pipeline.
 */
extern bool session_wait(Session *session, int milliseconds);

#endif
