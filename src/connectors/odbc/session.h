/*
 * session.h — a connection through an ODBC driver, and what the driver says about itself.
 */
#ifndef RG_ODBC_SESSION_H
#define RG_ODBC_SESSION_H

#include "connectors/odbc/connection_string.h"
#include "connectors/odbc/text.h"

/* Texts of the driver are cut after so many units. */
#define ODBC_INFO_UNITS 256

typedef struct OdbcSession
{
	SQLHENV environment;
	SQLHDBC connection;
	int query_timeout;
	char *server;          /* SQL_DBMS_NAME; "" if the driver does not say */
	char *version;         /* SQL_DBMS_VER */
	char *catalog;         /* the one that is connected to, or "" */
	char quote;            /* of names; 0: the source has none */
	bool schemas_in_names; /* a relation is named by schema, or by catalog */
	bool catalogs_in_names;
	char *catalog_separator;
} OdbcSession;

/* Connects; a failure ends the process. Forgets the credentials of the request. */
extern void odbc_open(OdbcSession *session, Request *request, const OdbcKeyword *keywords);
extern void odbc_close(OdbcSession *session);

/* Is the source of this name, whatever the case? */
extern bool odbc_server_is(const OdbcSession *session, const char *name);

/* Writes the texts of the frame `connected`. */
extern void odbc_describe_server(const OdbcSession *session, char *server, size_t size, char *dialect,
								 size_t dialect_size);

/* Tells the source, where it is known, that this session only reads. */
extern void odbc_only_read(OdbcSession *session);

#endif
