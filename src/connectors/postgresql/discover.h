/*
 * discover.h — describing everything in scope.
 */
#ifndef RG_POSTGRESQL_DISCOVER_H
#define RG_POSTGRESQL_DISCOVER_H

#include "connectors/common/request.h"
#include "connectors/postgresql/session.h"

/* Emits all frames after `connected` except `end`. */
extern void discover(const Session *session, const Request *request);

#endif
