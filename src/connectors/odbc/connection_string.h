/*
 * connection_string.h — the text by which a driver connects: keywords that the connector and the operator
 * know, with the values of the source. A source's owner decides values only, and none of them can become a
 * keyword of its own.
 */
#ifndef RG_ODBC_CONNECTION_STRING_H
#define RG_ODBC_CONNECTION_STRING_H

#include "connectors/common/request.h"

/*
 * A keyword and its text, in which {host}, {address} (the host as URLs have it), {port}, {database}, {path},
 * {user}, {password}, {tls} and {ca} stand for what the source has. A keyword whose text names something that
 * the source does not have is left out.
 */
typedef struct OdbcKeyword
{
	const char *name;
	const char *text;
} OdbcKeyword;

/* What the operator allows as a driver; the request has it as JSON. */
typedef struct OdbcDriver
{
	char *name;
	char *library;
	OdbcKeyword *keywords; /* the operator's: they take the place of those of the same name */
	int keyword_count;
	bool knows_braces; /* a value in braces may hold every character */
} OdbcDriver;

/* Reads it out of the request; one without a driver ends the process with an error. */
extern void odbc_driver_read(OdbcDriver *driver, const Request *request);

/* keywords: the usual ones; the last one has no name. The first address stands for the host where there are
 * any. */
extern void connection_string_write(WireBuffer *out, const Request *request, const OdbcDriver *driver,
									const OdbcKeyword *keywords);

#endif
