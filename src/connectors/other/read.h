/* read.h — sends the rows of a relation. */
#ifndef RG_OTHER_READ_H
#define RG_OTHER_READ_H

#include "connectors/odbc/session.h"

extern void read_relation(OdbcSession *session, const Request *request);

#endif
