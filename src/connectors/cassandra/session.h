/*
 * session.h — a connection that has been greeted and authenticated, and statements on it. What the server
 * says in errors is not passed on: it may hold values.
 */
#ifndef RG_CASSANDRA_SESSION_H
#define RG_CASSANDRA_SESSION_H

#include "connectors/cassandra/frame.h"
#include "connectors/common/request.h"

/* Errors of the protocol. */
#define CQL_PROTOCOL      0x000A
#define CQL_CREDENTIALS   0x0100
#define CQL_UNAVAILABLE   0x1000
#define CQL_OVERLOADED    0x1001
#define CQL_BOOTSTRAPPING 0x1002
#define CQL_READ_TIMEOUT  0x1200
#define CQL_READ_FAILURE  0x1300
#define CQL_FUNCTION      0x1400
#define CQL_SYNTAX        0x2000
#define CQL_UNAUTHORIZED  0x2100
#define CQL_INVALID       0x2200
/* These are not of the protocol: its 0, and a single row that does not fit into a frame. */
#define CQL_SERVER         0x10000
#define CQL_TOO_LONG_FRAME UINT32_MAX

typedef struct Session
{
	FrameReader reader; /* with the connection */
	int query_timeout;
	char release[64]; /* as in "5.0.4" */
} Session;

/* A statement with its values, and how many rows a page has. */
typedef struct Statement
{
	WireBuffer text;
	WireBuffer values; /* each behind its length */
	int value_count;
	int page_size; /* 0: the usual one */
} Statement;

extern void statement_add(Statement *statement, const void *bytes, size_t length);
extern void statement_free(Statement *statement);

/* The rows of a statement, page after page. */
typedef struct Answer
{
	Session *session;
	const Statement *statement;
	int columns;
	Body rows;
	int32_t left; /* rows of this page */
	int page_size;
	WireBuffer paging; /* where the next page begins */
	bool has_more;
	void (*goes_on)(void *argument); /* called before a further page is asked for; or NULL */
	void *argument;
} Answer;

/*
 * Asks for the first page. Returns false if `error` is given and the server refuses the statement: then
 * *error is the number. Otherwise a failure ends the process.
 */
extern bool
answer_begin(Answer *answer, Session *session, const Statement *statement, int columns, uint32_t *error);

/*
 * Takes the next row: as many values as there are columns, which stay until the next call. Returns false at
 * the end, or with *error if that is given.
 */
extern bool answer_next(Answer *answer, Bytes *values, uint32_t *error);
extern void answer_end(Answer *answer);

/* Ends the process: what the error of a statement of the catalog means. */
extern void give_up_query(uint32_t error) __attribute__((noreturn));

extern void give_up_malformed(void) __attribute__((noreturn));

/* Is it worth trying again later? */
extern bool error_is_transient(uint32_t error);

extern void session_close(Session *session);

#endif
