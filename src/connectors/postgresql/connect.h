/*
 * connect.h — from a request to an authenticated connection.
 */
#ifndef RG_POSTGRESQL_CONNECT_H
#define RG_POSTGRESQL_CONNECT_H

#include "connectors/common/request.h"
#include "connectors/postgresql/session.h"

/*
 * Dials the request's addresses in turn, all of them within connection_timeout, and forgets the request's
 * credentials. Whatever goes wrong ends the process with an error frame.
 */
extern void connect_to(Request *request, Session *session);

#endif
