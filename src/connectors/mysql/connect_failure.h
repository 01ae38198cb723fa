/*
 * connect_failure.h — why a connection failed.
 */
#ifndef RG_MYSQL_CONNECT_FAILURE_H
#define RG_MYSQL_CONNECT_FAILURE_H

#include <mysql.h>
#include <stdbool.h>

#include "connectors/guard/dial.h"

/* wants_tls: nothing else may be sent than the request for TLS. */
extern void connect_failure_describe(DialFailure *failure, MYSQL *connection, bool wants_tls);

#endif
