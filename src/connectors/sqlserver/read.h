/*
 * read.h — operation read.
 */
#ifndef RG_SQLSERVER_READ_H
#define RG_SQLSERVER_READ_H

#include "connectors/sqlserver/session.h"

extern void read_relation(Session *session, const Request *request);

#endif
