/*
 * connect.h — from a request to an authenticated connection.
 */
#ifndef RG_MYSQL_CONNECT_H
#define RG_MYSQL_CONNECT_H

#include "connectors/common/request.h"
#include "connectors/mysql/session.h"

/*
 * Dials the request's addresses in turn, all within connection_timeout, and wipes the request's credentials.
 * A failure ends the process with an error frame.
 */
extern void connect_to(Request *request, Session *session);

/*
 * Ends the statement that the server runs for the session, by a second connection, in so many seconds at
 * most. Can be done once; a failure is not said.
 */
extern void connect_cancel(Session *session, int seconds);

#endif
