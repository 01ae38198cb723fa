/* discover.h — describes everything in scope. */
#ifndef RG_OTHER_DISCOVER_H
#define RG_OTHER_DISCOVER_H

#include "connectors/odbc/session.h"

extern void discover(OdbcSession *session, const Request *request);

#endif
