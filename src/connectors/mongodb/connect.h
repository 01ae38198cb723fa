/*
 * connect.h — dials and logs in.
 */
#ifndef RG_MONGODB_CONNECT_H
#define RG_MONGODB_CONNECT_H

#include "connectors/common/request.h"
#include "connectors/mongodb/session.h"

/* Ends the process unless it connects. Forgets the credentials. */
extern void connect_to(Request *request, Session *session);

#endif
