/*
 * session.h — a connection to the source, and statements on it. A statement that fails, or takes longer than
 * the request allows, ends the process with an error frame unless the caller asks for the error.
 */
#ifndef RG_MYSQL_SESSION_H
#define RG_MYSQL_SESSION_H

#include <mysql.h>

#include "connectors/common/request.h"
#include "connectors/mysql/plain_text.h"
#include "connectors/sql/rows.h"
#include "wire/wire.h"

/* What a second connection needs, which is only made to end a statement of the first. */
typedef struct Spare
{
	MYSQL *connection; /* with all settings, not yet connected; or NULL */
	char address[64];
	PlainText allowed;
} Spare;

typedef struct Session
{
	MYSQL *connection;
	bool is_mariadb;
	char version[64]; /* as in "10.11.19" */
	int query_timeout;
	Spare spare;
	void (*late)(void); /* called when the server does not answer in time, before the process ends; or NULL */
} Session;

/* Learns who the server is, and prepares the session. */
extern void session_open(Session *session, MYSQL *connection, int query_timeout);

/* Prepares the session, which is new or has been reset. */
extern void session_prepare(Session *session, int query_timeout);

/* Seconds that each further statement may take. */
extern void session_limit(Session *session, int seconds);

/* "MariaDB 10.11.19"; and the dialect, "mariadb 10.11". */
extern void session_server(const Session *session, char *text, size_t size);
extern void session_dialect(const Session *session, char *text, size_t size);

/*
 * Sends a statement and returns its answer, whose rows are read from the network one by one. Returns NULL if
 * `error` is given and the server refuses the statement: then *error is its number. wire_free()s the
 * statement.
 */
extern MYSQL_RES *session_ask(Session *session, WireBuffer *sql, unsigned *error);
/* Returns NULL at the end of the answer; `error` is as above. */
extern MYSQL_ROW session_next(Session *session, MYSQL_RES *answer, unsigned *error);

/* Adds the rows of the answer, which has rows->columns columns. */
extern void session_read(Session *session, WireBuffer *sql, SqlRows *rows);

/* Runs a statement without an answer; what the server does not know is passed over. */
extern void session_set(Session *session, const char *sql);

/*
 * Ends what a caller's statement may have left: its transaction, variables, locks, settings. Returns false if
 * the connection is of no more use. It must not fail in another way: the answer has ended.
 */
extern bool session_reset(Session *session);

extern void session_close(Session *session);

/* Begins a wait for the answer to a statement that the caller sends itself. */
extern void session_wait(const Session *session);

/* Ends the process if the error means that the connection is lost, or that the time is over. */
extern void session_check(const Session *session, unsigned error);

/* Ends the process with an error frame about the server's last error. */
extern void give_up_query(const Session *session) __attribute__((noreturn));

extern void give_up_malformed(void) __attribute__((noreturn));

#endif
