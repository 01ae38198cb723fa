/*
 * connect_failure.h — why a connection did not come about.
 */
#ifndef RG_MONGODB_CONNECT_FAILURE_H
#define RG_MONGODB_CONNECT_FAILURE_H

#include <mongoc/mongoc.h>

#include "connectors/guard/dial.h"

extern void connect_failure_describe(DialFailure *failure, const bson_error_t *error, bool with_tls);

/* Why the DNS record of the hosts gave none. */
extern void connect_failure_describe_record(DialFailure *failure, const bson_error_t *error);

#endif
