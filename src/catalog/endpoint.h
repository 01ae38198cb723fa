/*
 * endpoint.h — a data source as a worker needs it to connect, and what a worker notes about it.
 */
#ifndef RG_ENDPOINT_H
#define RG_ENDPOINT_H

#include "postgres.h"

#include "utils/jsonb.h"

#include "catalog/host_keys.h"

typedef struct RgEndpoint
{
	int64 organization_id;
	int64 data_source_id;
	char *type;
	char *host; /* a list where the type may have several: check/hosts.h */
	int32 port; /* 0 = not given */
	RgHostKeys host_keys;
	char *database_name;
	char *schema_name;
	char *file_path;
	bool use_ssh_tunnel;
	int32 connection_pool_size;
	int32 connection_timeout; /* seconds */
	int32 query_timeout;      /* seconds */
	char *tls;                /* JSON text of metadata.tls, or NULL */
	char *options;            /* JSON text of the other metadata */
	char *patterns;           /* JSON text of what is included and excluded, or NULL */
	char *decisive_options; /* JSON text of what in metadata can change a result, beside tls and patterns, or
							   NULL */
	int64 credential_version;
	int64 key_id;
	bytea *sealed; /* NULL when the credentials must be given again */
} RgEndpoint;

/* False when the source does not exist or is deleted. In the current memory context, with SPI connected. */
extern bool rg_endpoint_load(int64 organization_id, int64 data_source_id, RgEndpoint *endpoint);

/*
 * Does the source still lie where this says, with the same credentials, patterns and whatever options can
 * change a result? Sealing credentials for another key changes nothing. False also when the source is gone.
 */
extern bool rg_endpoint_is_current(const RgEndpoint *used);

/* The endpoint of a definition that is not stored, from its checked columns; without credentials. */
extern void rg_endpoint_of_definition(int64 organization_id, Jsonb *columns, RgEndpoint *endpoint);

/* Status testing; false when the source is gone. */
extern bool rg_state_begin_test(int64 organization_id, int64 data_source_id);

/* A test that came to no end: back to the status before. */
extern void rg_state_end_test(int64 organization_id, int64 data_source_id);

/* The rows (organization_id, data_source_id) of the sources whose status is testing. With `lock` they are
 * locked, and those that a client's open transaction holds are left out. */
extern uint64 rg_state_list_testing(bool lock);

/* Nobody else changes the state of the source, or what moves it, until the transaction ends. */
extern void rg_state_lock(int64 organization_id, int64 data_source_id);

/* A connection succeeded: status active, failures forgotten. */
extern void rg_state_connected(int64 organization_id, int64 data_source_id, const char *server_version);

/* A discovery ended: when, how long it took; schema is NULL for the whole source. */
extern void
rg_state_discovered(int64 organization_id, int64 data_source_id, const char *schema, int64 duration_ms);

/* A connection or discovery failed: status failed, one failure more. */
extern void rg_state_failed(int64 organization_id, int64 data_source_id, const char *reason);

#endif
