/*
 * read.h — the rows of a relation.
 */
#ifndef RG_ORACLE_READ_H
#define RG_ORACLE_READ_H

#include "connectors/common/request.h"
#include "connectors/oracle/statements.h"

extern void read_relation(OdbcSession *session, const Features *features, const Request *request);

#endif
