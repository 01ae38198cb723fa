/*
 * discover.h — sends the description of everything in the request's scope.
 */
#ifndef RG_SQLSERVER_DISCOVER_H
#define RG_SQLSERVER_DISCOVER_H

#include "connectors/sqlserver/session.h"

extern void discover(Session *session, const Request *request);

#endif
