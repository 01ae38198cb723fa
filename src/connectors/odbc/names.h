/*
 * names.h — names in statements, by what the driver says of quotes.
 */
#ifndef RG_ODBC_NAMES_H
#define RG_ODBC_NAMES_H

#include "connectors/odbc/session.h"

/*
 * Writes a name. False: it cannot be written so that the source is sure to read it as this name, and nothing
 * is written.
 */
extern bool odbc_write_name(WireBuffer *sql, const OdbcSession *session, const char *name);

/* Writes the name of a relation, by the driver's names, of which catalog and schema may be NULL. */
extern bool odbc_write_relation(WireBuffer *sql, const OdbcSession *session, const char *catalog,
								const char *schema, const char *name);

#endif
