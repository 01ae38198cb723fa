/*
 * query.h — operation `query`.
 */
#ifndef RG_REDSHIFT_QUERY_H
#define RG_REDSHIFT_QUERY_H

#include "connectors/common/request.h"
#include "connectors/redshift/session.h"

/* Returns whether there are more rows than the limit: then the transaction has not ended. */
extern bool query_rows(Session *session, const Request *request);

#endif
