/*
 * session.h — runs statements, one after the other, with bounds on the server's silence and on its answers.
 *
 * Redshift takes few settings and has no savepoints. So each statement has a READ ONLY transaction of its
 * own, and a statement that fails spoils no other.
 */
#ifndef RG_REDSHIFT_SESSION_H
#define RG_REDSHIFT_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "connectors/common/request.h"
#include "connectors/sql/rows.h"

typedef struct Session
{
	PGconn *connection;
	int query_timeout;     /* most seconds for an answer */
	size_t longest_answer; /* in bytes, to one statement */
	char version[64];      /* of Redshift */
} Session;

/* Dials, logs in, and wipes the request's credentials. A failure ends the process with an error frame. */
extern void session_open(Request *request, Session *session);
extern void session_close(Session *session);

/*
 * Adds the statement's rows, sorted by the bytes of their first column and then by the number in the second.
 * parameter may be NULL. If the server refuses the statement, this ends the process; if the user may go
 * without its answer (is_needed is false), it returns false.
 */
extern bool
session_read(Session *session, const char *sql, const char *parameter, bool is_needed, SqlRows *rows);

extern void give_up_malformed(void) __attribute__((noreturn));

#endif
