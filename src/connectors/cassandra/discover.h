/*
 * discover.h — describes keyspace after keyspace.
 */
#ifndef RG_CASSANDRA_DISCOVER_H
#define RG_CASSANDRA_DISCOVER_H

#include "connectors/cassandra/session.h"

extern void discover(Session *session, const Request *request);

#endif
