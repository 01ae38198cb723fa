/*
 * read.h — operation read.
 */
#ifndef RG_MYSQL_READ_H
#define RG_MYSQL_READ_H

#include "connectors/mysql/session.h"

extern void read_relation(Session *session, const Request *request);

#endif
