/*
 * conditions.h — conditions of a read in the words of Oracle.
 */
#ifndef RG_ORACLE_CONDITIONS_H
#define RG_ORACLE_CONDITIONS_H

#include "connectors/common/read_request.h"
#include "connectors/oracle/statements.h"

/*
 * Writes the condition on a column. False: Oracle might leave out rows that PostgreSQL takes, or the other
 * way round, and what was written does not count.
 */
extern bool condition_write(WireBuffer *sql, const Features *features, const Condition *condition,
							const char *const *column);

#endif
