/*
 * failure.h — why a connection or a query failed. No text of the driver gets into an error: it may hold
 * values, or what was given to connect.
 */
#ifndef RG_ODBC_FAILURE_H
#define RG_ODBC_FAILURE_H

#include "connectors/odbc/answer.h"

extern void give_up_connecting(SQLHDBC connection, const OdbcDriver *driver) __attribute__((noreturn));

/* After a failed call of the operations that describe a source. */
extern void give_up_query(SQLSMALLINT kind, SQLHANDLE handle) __attribute__((noreturn));

/* Ends the process if the connection is lost. Otherwise returns why a relation could not be read, for people.
 */
extern const char *odbc_explain(SQLHSTMT statement);

/* The driver's own words for the failure of a query of the caller, without its names in brackets; the caller
 * of the function frees them. */
extern char *odbc_words(SQLHSTMT statement);

/* Says the state that a relation, or a column of it, is not there? */
extern bool odbc_is_gone(const OdbcState *state);

#endif
