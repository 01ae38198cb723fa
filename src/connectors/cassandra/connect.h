/*
 * connect.h — from a request to an authenticated session.
 */
#ifndef RG_CASSANDRA_CONNECT_H
#define RG_CASSANDRA_CONNECT_H

#include "connectors/cassandra/session.h"

/*
 * Dials the hosts of the request and their addresses in turn, all within connection_timeout, until a node
 * takes the session, and wipes the request's credentials. A failure ends the process with an error frame.
 */
extern void connect_to(Request *request, Session *session);

/* The same, and sends `connected`. */
extern void connect_and_say(Request *request, Session *session);

/* Sends `connected` for a session that is open. */
extern void say_connected(const Session *session);

#endif
