/*
 * conditions.h — conditions that every SQL source reads as PostgreSQL does.
 */
#ifndef RG_OTHER_CONDITIONS_H
#define RG_OTHER_CONDITIONS_H

#include "connectors/common/read_request.h"
#include "connectors/odbc/session.h"

/* Writes a condition on a column of this PostgreSQL type. False: it is not applied, and nothing is written.
 */
extern bool
condition_write(WireBuffer *sql, const OdbcSession *session, const Condition *condition, const char *pg_type);

#endif
