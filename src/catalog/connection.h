/*
 * connection.h — the history of connections to a source: every test and every discovery adds a row.
 */
#ifndef RG_CONNECTION_H
#define RG_CONNECTION_H

#include "postgres.h"

typedef struct RgConnection
{
	const char *kind; /* test or discover */
	bool success;
	int32 response_time_ms; /* -1 = never connected */
	const char *server_version;
	bool has_tunnel; /* the source has an SSH tunnel */
	bool tunnel_established;
	const char *step; /* these four are NULL on success */
	const char *code;
	const char *message;
	const char *detail;
} RgConnection;

extern void rg_connection_init(void);

/* Adds a row and deletes the source's rows that are older than rivergen.health_retention. */
extern void rg_connection_record(int64 organization_id, int64 data_source_id, const RgConnection *connection);

#endif
