/*
 * connect.h — from a request to an authenticated connection.
 */
#ifndef RG_SQLSERVER_CONNECT_H
#define RG_SQLSERVER_CONNECT_H

#include "connectors/common/request.h"
#include "connectors/sqlserver/session.h"

/*
 * Dials the request's addresses in turn, all within connection_timeout, and wipes the request's credentials.
 * A failure ends the process with an error frame.
 */
extern void connect_to(Request *request, Session *session);

#endif
