/*
 * query.h — a query of the caller.
 */
#ifndef RG_ORACLE_QUERY_H
#define RG_ORACLE_QUERY_H

#include "connectors/common/request.h"
#include "connectors/odbc/session.h"

/* Returns whether there are more rows than the request wants. */
extern bool query_rows(OdbcSession *session, const Request *request);

#endif
