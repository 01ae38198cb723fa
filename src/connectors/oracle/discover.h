/*
 * discover.h — sends the relations of every owner that the user may see.
 */
#ifndef RG_ORACLE_DISCOVER_H
#define RG_ORACLE_DISCOVER_H

#include "connectors/common/request.h"
#include "connectors/oracle/statements.h"

extern void discover(OdbcSession *session, const Features *features, const Request *request);

#endif
