/*
 * session.h — a connection to the source, and statements on it. A statement that fails, or takes longer than
 * the request allows, ends the process with an error frame unless the caller asks for the error.
 */
#ifndef RG_SQLSERVER_SESSION_H
#define RG_SQLSERVER_SESSION_H

#include <sybfront.h>

#include <sybdb.h>

#include "connectors/common/request.h"
#include "connectors/sql/rows.h"
#include "wire/wire.h"

typedef struct Session
{
	DBPROCESS *connection;
	char version[64]; /* as in "16.0.4165.4" */
	int edition;      /* SERVERPROPERTY('EngineEdition') */
	char *identity;   /* or NULL */
	int query_timeout;
	const char **cells; /* of the present row */
	size_t *lengths;
	int columns;
	WireBuffer row; /* its bytes */
} Session;

/* In place of an error's number: the statement took too long. */
#define ERROR_LATE 1u

/* Has the library's handlers keep what the server says. To be called before anything of the library. */
extern void session_prepare(void);
/* The number of the server's last error, and of the library's; 0: none. */
extern unsigned session_error(void);
extern int session_library_error(void);
extern void session_forget_errors(void);

/* Learns who the server is, and prepares the session. */
extern void session_open(Session *session, DBPROCESS *connection, int query_timeout);

/* Seconds that each further statement may take. */
extern void session_limit(Session *session, int seconds);

/* "SQL Server 16.0.4165.4"; and the dialect, "sqlserver 16.0". */
extern void session_server(const Session *session, char *text, size_t size);
extern void session_dialect(const Session *session, char *text, size_t size);

/*
 * Sends a statement that has rows, which are then read from the network one by one. Returns false if `error`
 * is given and the server refuses the statement: then *error is its number. wire_free()s the statement.
 */
extern bool session_ask(Session *session, WireBuffer *sql, unsigned *error);
/*
 * Returns the texts of the next row, which hold until the next call, or NULL at the end of the answer;
 * `error` is as above.
 */
extern const char *const *session_next(Session *session, unsigned *error);

/* Adds the rows of the answer, which has rows->columns columns; or says false as session_ask() does. */
extern bool session_read(Session *session, WireBuffer *sql, SqlRows *rows, unsigned *error);

/* Runs a statement without an answer; what the server does not know is passed over. */
extern void session_set(Session *session, const char *sql);

extern void session_close(Session *session);

extern void give_up_malformed(void) __attribute__((noreturn));

#endif
