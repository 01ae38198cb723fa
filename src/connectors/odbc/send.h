/*
 * send.h — sends the rows of a statement, as the driver writes their values.
 */
#ifndef RG_ODBC_SEND_H
#define RG_ODBC_SEND_H

#include "connectors/common/request.h"
#include "connectors/odbc/answer.h"

/*
 * Sends the rows of an answer, at most `limit`; are_bytes: of its columns. Returns whether there are more. A
 * failure ends the process.
 */
extern bool
odbc_send_rows(OdbcAnswer *answer, const bool *are_bytes, int column_count, int64_t limit, int64_t row_bytes);

/* A hint to the driver, before it is asked: some drivers hold all rows in memory before they give the first
 * one. */
extern void odbc_limit_rows(const OdbcAnswer *answer, int64_t rows);

/* A statement that answers the request's read. Without columns in the request it selects the number of rows.
 */
typedef struct OdbcReading
{
	const char *sql;
	const bool *were_bytes; /* of the columns of the request, in its order, when they were looked up */
	const int *applied;     /* conditions of the request that the statement has */
	int applied_count;
	bool limited; /* no more rows than the request wants are sent */
} OdbcReading;

extern void odbc_send(OdbcSession *session, const Request *request, const OdbcReading *reading);

#endif
