/*
 * session.h — runs statements, one after the other, with bounds on the server's silence and on its answers.
 *
 * Redshift takes few settings and has no savepoints. So each statement has a READ ONLY transaction of its
 * own, and a statement that fails leaves the others as they are.
 */
#ifndef RG_REDSHIFT_SESSION_H
#define RG_REDSHIFT_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "connectors/common/request.h"
#include "connectors/common/row_frames.h"
#include "connectors/sql/rows.h"

typedef struct Session
{
	PGconn *connection;
	int query_timeout;     /* most seconds for an answer */
	size_t longest_answer; /* in bytes, to one statement */
	char version[64];      /* of Redshift */
	int64_t row_bytes;     /* the longest row of a read; 0: nothing is read */
	PGresult *next;        /* of session_next_row() */
	PGresult *failed;      /* what the statement whose rows are read failed with, or NULL */
	bool is_query;         /* the statement is the caller's own */
} Session;

/* Dials, logs in, and wipes the request's credentials. A failure ends the process with an error frame. */
extern void session_open(Request *request, Session *session);
extern void session_close(Session *session);

/* Sets the most seconds for a statement. */
extern void session_bound(Session *session, int seconds);

/* From now on values of relations are read. They are written alike whatever the settings of the user are. */
extern void session_begin_reading(Session *session, int64_t row_bytes);

/* When standard input ends, the server is asked to cancel the statement, and the process ends. */
extern void session_watch_input(Session *session);

/* Has the server not ended a connection that was kept? */
extern bool session_is_alive(Session *session);

/*
 * Adds the statement's rows, sorted by the bytes of their first column and then by the number in the second.
 * The parameters are the schema and, unless it is
 * empty, the relation; schema may be NULL: then there are none. If the server refuses the statement, this
 * ends the process; if the user may go without its answer (is_needed is false), it returns false.
 */
extern bool session_read(Session *session, const char *sql, const char *schema, const char *relation,
						 bool is_needed, SqlRows *rows);

/* Begins the transaction of what follows, up to session_end_rows(). */
extern void session_begin(Session *session);

/*
 * Both return what the server says: of what a statement would answer, and the answer. The caller clears it. A
 * failure ends the process with the server's own words.
 */
extern PGresult *session_describe(Session *session, const char *sql);
extern PGresult *session_ask(Session *session, const char *sql);

/* Sends a statement whose rows come one by one, and waits for the first one. */
extern void session_send(Session *session, const char *sql, const char *const *values, int count);

/*
 * The next row, which the caller clears; NULL at the end, or when the statement has failed. While the source
 * is silent, the rows that wait in the frames are sent; frames may be NULL.
 */
extern PGresult *session_next_row(Session *session, RowFrames *frames);

/* Ends the process with the server's own words if the statement has failed. */
extern void session_require_rows(const Session *session);

/* After the last row. */
extern void session_end_rows(Session *session);

/* In place of it: no more rows are wanted. The statement is canceled, and the connection closed. */
extern void session_stop(Session *session);

extern void give_up_malformed(void) __attribute__((noreturn));

#endif
