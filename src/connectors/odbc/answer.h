/*
 * answer.h — answers of the driver, row by row. What the driver says of lengths is never believed.
 */
#ifndef RG_ODBC_ANSWER_H
#define RG_ODBC_ANSWER_H

#include "connectors/odbc/session.h"

/* A text of a catalog is cut after so many bytes. */
#define ODBC_CATALOG_BYTES 65536

typedef struct OdbcAnswer
{
	OdbcSession *session;
	SQLHSTMT statement;
	int columns;
	SQLRETURN done; /* of the last call */
} OdbcAnswer;

/* Makes a statement; one of the functions of the catalog is called with answer->statement between begin and
 * end. */
extern void odbc_begin(OdbcSession *session, OdbcAnswer *answer);
extern void odbc_call_begins(const OdbcAnswer *answer);
extern void odbc_call_ends(OdbcAnswer *answer, SQLRETURN done);
extern void odbc_end(OdbcAnswer *answer);

/* Sends a statement. False: it failed, and odbc_state() says how. */
extern bool odbc_ask(OdbcAnswer *answer, const char *sql);

/* Runs a statement without rows, whose failure does not matter. */
extern void odbc_run(OdbcSession *session, const char *sql);

/* The next row. False: there is none, or it failed: answer->done. */
extern bool odbc_next(OdbcAnswer *answer);

typedef enum OdbcCell
{
	ODBC_NULL,
	ODBC_TEXT,
	ODBC_TOO_LONG /* the text is cut */
} OdbcCell;

/*
 * Appends a column's value, the columns of a row in their order. *is_broken, which may be NULL: set if it has
 * half a character in it. most: bytes.
 */
extern OdbcCell odbc_text(OdbcAnswer *answer, int column, WireBuffer *out, size_t most, bool *is_broken);
extern OdbcCell odbc_bytes(OdbcAnswer *answer, int column, WireBuffer *out, size_t most);

#define ODBC_MOST_CELLS 24

/* Rows of a catalog: texts, or NULL. One that is not valid UTF-16 ends with a byte that is not UTF-8. */
typedef struct OdbcRow
{
	WireBuffer text;
	const char *cells[ODBC_MOST_CELLS];
	size_t rows; /* so far */
} OdbcRow;

/*
 * Reads the first `count` columns of the next row; those that the answer does not have are NULL. False: there
 * is none, or it failed. Ends the process if there are too many.
 */
extern bool odbc_next_row(OdbcAnswer *answer, OdbcRow *row, int count);

/* SQLSTATE of the last failure: five characters; "" if the driver has none. */
typedef struct OdbcState
{
	char state[6];
	long native;
} OdbcState;

extern OdbcState odbc_state(SQLSMALLINT kind, SQLHANDLE handle);

#endif
