/*
 * connection_string.h — takes a connection string apart. The string itself is never stored, and no fault
 * quotes a part of it: a password with an unescaped character may be in any part.
 */
#ifndef RG_CONNECTION_STRING_H
#define RG_CONNECTION_STRING_H

#include "postgres.h"

#include "check/fault.h"
#include "check/source_type.h"

/* The parts are in memory from rg_secret_alloc(). An absent or empty part is NULL. */
typedef struct RgConnection
{
	RgFaults *faults;
	const RgSourceType *type;
	const char *parts[RG_PART_COUNT];
	bool has_default_port;      /* the string gives a host and no port */
	bool is_srv;                /* the host is the name of a DNS record that names the hosts */
	const char *least_tls_mode; /* TLS mode that options other than the mode demand at least, or NULL */
} RgConnection;

extern const char *const rg_connection_part_names[RG_PART_COUNT];

/* Parses URL and keyword forms. What is wrong becomes faults of connection_string. type must be known. */
extern void rg_connstr_parse(RgConnection *connection, const char *text, int length);

/* For the two parsers. */
extern void rg_connstr_fault(RgConnection *connection, const char *fault);

extern void rg_connstr_parse_keywords(RgConnection *connection, const char *text, int length);

#endif
