/*
 * values.h — values as texts, in the form that PostgreSQL reads.
 */
#ifndef RG_SQLSERVER_VALUES_H
#define RG_SQLSERVER_VALUES_H

#include "connectors/sqlserver/session.h"

/* Writes the value of a column. row: of statement_columns(). Bytes come as 0x and digits. */
extern void write_value(WireBuffer *sql, const Session *session, const char *const *row);

/* Why a query of values failed, in words without values. error: as of session_ask(). It lives until the next
 * call. */
extern const char *value_failure(unsigned error);

/* Is the relation, or a column of it, not there any more? May the user not read it? */
extern bool is_gone(unsigned error);
extern bool is_forbidden(unsigned error);

#endif
