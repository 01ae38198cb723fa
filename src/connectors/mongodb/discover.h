/*
 * discover.h — describes the collections of the database.
 */
#ifndef RG_MONGODB_DISCOVER_H
#define RG_MONGODB_DISCOVER_H

#include "connectors/mongodb/session.h"

extern void discover(Session *session, const Request *request);

#endif
