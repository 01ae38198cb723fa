/*
 * discover.h — operation discover.
 */
#ifndef RG_MYSQL_DISCOVER_H
#define RG_MYSQL_DISCOVER_H

#include "connectors/mysql/session.h"

extern void discover(Session *session, const Request *request);

#endif
