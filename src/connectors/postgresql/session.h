/*
 * session.h — asking the server in a pipeline, with bounds on its silence and on its answers.
 *
 * Every statement runs in a transaction that session_ask_begin() began, and nothing outlives one: a pooler
 * may give the server's session to another client as soon as a transaction has ended.
 *
 * A batch is a number of statements and a sync point. Batches are answered in the order in which they were
 * asked, so one may be asked while another is still being answered: the server then never waits for the
 * client. All results are binary.
 */
#ifndef RG_POSTGRESQL_SESSION_H
#define RG_POSTGRESQL_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "connectors/common/deadline.h"

typedef struct Session
{
	PGconn *connection;
	int query_timeout;     /* seconds that an answer may take */
	int version;           /* as PQserverVersion gives it */
	Deadline opening;      /* until session_opened() nothing may take longer than this; then 0 */
	size_t longest_answer; /* in bytes, to one statement */
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
 * A READ ONLY transaction with one snapshot, in which the user's own settings count for nothing: no name is
 * found outside of pg_catalog, and values and definitions are spelled the same for each user. The server
 * gives up a statement after these seconds, and waiting for a lock after these milliseconds. In the current
 * batch; two results.
 */
#define CATALOG_LOCK_MILLISECONDS 200 /* nobody keeps a catalog locked for long */
extern void session_ask_begin(Session *session, int statement_seconds, int64_t lock_milliseconds);
extern void session_receive_begin(Session *session, PGresult **failed);

/* Ends the transaction; a failure in it does not matter any more. A batch of its own. */
extern void session_rollback(Session *session);

/* Each of these adds to the current batch; failures of the connection end the process with an error frame.
 * What is asked without preparing takes text. */
extern void session_ask(Session *session, const char *sql, const Parameter *parameter);
extern void session_ask_all(Session *session, const char *sql, const Parameter *parameters, int count);
extern void session_prepare(Session *session, const char *name, const char *sql);
extern void session_execute(Session *session, const char *name, const Parameter *parameters, int count);
extern void session_end_batch(Session *session);

/*
 * What is asked between these two is a batch of its own in a savepoint that is rolled back: when it fails,
 * the transaction goes on. What comes back is received between the two functions that follow, in the same
 * order.
 */
extern void session_begin_apart(Session *session);
extern void session_end_apart(Session *session);
extern void session_receive_begin_apart(Session *session);
extern void session_receive_end_apart(Session *session);

/*
 * The next statement's result, which the caller clears. A statement that failed ends the process, unless
 * `failed` is given: then it gets the error, and NULL comes back for this and for each later statement of the
 * batch.
 */
extern void session_give_up(const PGresult *failure) __attribute__((noreturn));
extern PGresult *session_receive(Session *session, PGresult **failed);

/* To be called once per batch, after its last result. */
extern void session_receive_end(Session *session);

#endif
