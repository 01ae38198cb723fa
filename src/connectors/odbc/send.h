/*
 * send.h — sends the rows of a statement, as the driver writes their values.
 */
#ifndef RG_ODBC_SEND_H
#define RG_ODBC_SEND_H

#include "connectors/common/request.h"
#include "connectors/odbc/session.h"

/* A statement that answers the request's read. Without columns in the request it selects the number of rows.
 */
typedef struct OdbcReading
{
	const char *sql;
	const bool *are_bytes; /* of the columns of the request, in its order */
	const int *applied;    /* conditions of the request that the statement has */
	int applied_count;
	bool limited; /* no more rows than the request wants are sent */
} OdbcReading;

extern void odbc_send(OdbcSession *session, const Request *request, const OdbcReading *reading);

#endif
