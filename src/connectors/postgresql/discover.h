/*
 * discover.h — describing everything in scope.
 */
#ifndef RG_POSTGRESQL_DISCOVER_H
#define RG_POSTGRESQL_DISCOVER_H

#include "connectors/common/request.h"
#include "connectors/postgresql/session.h"

/* In a transaction, emits all frames after `connected` except `end`. Returns the signature of the source, or
 * NULL. */
extern const char *discover(const Session *session, const Request *request);

#endif
