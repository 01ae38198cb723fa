/*
 * reading.h — what reading a relation and running a query share: the connection that is kept from one request
 * to the next, and rows as they come.
 *
 * A request is answered in one READ ONLY transaction: questions in the pipeline, then one statement outside
 * of it, whose rows are passed on. When standard input ends, the server is asked to cancel the statement, and
 * the process ends.
 */
#ifndef RG_POSTGRESQL_READING_H
#define RG_POSTGRESQL_READING_H

#include "connectors/common/request.h"
#include "connectors/common/row_frames.h"
#include "connectors/postgresql/session.h"

/* Returns the session, connected. The caller asks for the beginning of the transaction and for more. */
extern Session *reading_open(Request *request);

/*
 * Begins the transaction, in the current batch. The server ends a wait for a lock after half of
 * query_timeout. own_names false: names are found as the user's own settings say.
 */
extern void reading_ask_begin(Session *session, bool own_names);

/* Receives the beginning of the transaction, and sends `connected`. */
extern void reading_receive_begin(Session *session);

/* Sends `connected`, once in an answer: the server has answered, or it is waited for as for rows. */
extern void reading_announce(Session *session);

/* Drops what is under way, and ends the transaction. */
extern void reading_start_over(Session *session);

/* Sends statements outside of the pipeline, the beginning of the transaction among them. */
extern void reading_send_all(Session *session, const char *sql);

/* The longest wait for a lock, as a value of lock_timeout. */
typedef char LockTimeout[32];
extern const char *reading_lock_timeout(const Session *session, LockTimeout text);

/* Sends one statement outside of the pipeline. The answer of reading_next_result() is the first one. */
extern void reading_send(Session *session, const char *sql);

/* Waits for what PQgetResult() gives; sends the rows that wait when the source is silent. */
extern PGresult *reading_next_result(Session *session, RowFrames *frames);

/* Does nothing come for so long? */
extern bool reading_is_silent(Session *session, int milliseconds);

/* The next row of COPY, which the caller releases with PQfreemem(). Returns its length, or -1 at the end. */
extern int reading_next_row(Session *session, RowFrames *frames, char **row);

/*
 * Notes which process of the server serves the session. 0: the statement runs code of others. The next read
 * may find its first statements prepared.
 */
extern void reading_found_process(int process);

/* The rest of the statement's rows is not wanted. */
extern void reading_stop(void);

/* After the end of the answer: cancels what is not wanted, and ends the transaction. Never fails. */
extern void reading_rest(void);

/*
 * Ends the process with the server's own words: these are of the caller's own request. `changed`: the caller
 * does not write the statement, so a name that is missing means that the relation has changed.
 */
extern void reading_give_up(const PGresult *failed, bool changed) __attribute__((noreturn));

#endif
