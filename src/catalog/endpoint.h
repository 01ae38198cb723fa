/*
 * endpoint.h — a data source as a worker needs it to connect, and the state that a worker writes.
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
	char *ssh_host;
	int32 ssh_port;
	char *ssh_username;
	char *ssh_place;     /* host and port as known_hosts files write them */
	char *host_key;      /* metadata.ssh.host_key as lines, or NULL */
	char *host_key_seen; /* of the SSH server, as a line of a known_hosts file, or NULL */
	int32 connection_pool_size;
	int32 connection_timeout; /* seconds */
	int32 query_timeout;      /* seconds */
	char *tls;                /* JSON text of metadata.tls, or NULL */
	char *options;            /* JSON text of the other metadata */
	char *driver;             /* JSON text about its ODBC driver, which the worker finds, or NULL */
	char *patterns;           /* JSON text of the include and exclude patterns, or NULL */
	char *decisive_options; /* JSON text of the metadata that can change a result, except tls and patterns; or
							   NULL */
	int64 credential_version;
	int64 key_id;
	bytea *sealed; /* NULL: the credentials must be given again */
} RgEndpoint;

/*
 * False: the source does not exist or is deleted. Allocates in the current memory context; SPI is connected.
 */
extern bool rg_endpoint_load(int64 organization_id, int64 data_source_id, RgEndpoint *endpoint);

/*
 * Are destination, credentials, patterns and decisive options of the source still these? Credentials that
 * were sealed again for another key count as the same. False if the source no longer exists.
 */
extern bool rg_endpoint_is_current(const RgEndpoint *used);

/* The same, and its limits are still these: a connector gets them once, with its request. */
extern bool rg_endpoint_is_unchanged(const RgEndpoint *used);

/* The endpoint of a definition that is not stored, from its checked columns; without credentials. */
extern void rg_endpoint_of_definition(int64 organization_id, Jsonb *columns, RgEndpoint *endpoint);

/* Sets status testing. False: the source no longer exists. */
extern bool rg_state_begin_test(int64 organization_id, int64 data_source_id);

/* Ends an interrupted test: restores the status before it. */
extern void rg_state_end_test(int64 organization_id, int64 data_source_id);

/*
 * The rows (organization_id, data_source_id) of the sources whose status is testing. lock: the rows are
 * locked, and rows that another transaction has locked are skipped.
 */
extern uint64 rg_state_list_testing(bool lock);

/* Locks the state of the source until the transaction ends. */
extern void rg_state_lock(int64 organization_id, int64 data_source_id);

/* Records a successful connection: status active, no failures. */
extern void rg_state_connected(int64 organization_id, int64 data_source_id, const char *server_version);

/*
 * Keeps the host key (a line, as endpoint's) that the SSH server has shown. is_demanded: the owner of the
 * source demands keys, and it is one of them; otherwise a key that was seen before at the same place stays.
 */
extern void
rg_state_host_key(int64 organization_id, int64 data_source_id, const char *host_key, bool is_demanded);

/* Keeps what the connector of the source offers: names, separated by commas. */
extern void rg_state_capabilities(int64 organization_id, int64 data_source_id, const char *capabilities);

/* Records the time and duration of a successful discovery. schema NULL: the whole source. */
extern void
rg_state_discovered(int64 organization_id, int64 data_source_id, const char *schema, int64 duration_ms);

/* Records a failed connection or discovery: status failed, failure_count + 1. */
extern void rg_state_failed(int64 organization_id, int64 data_source_id, const char *reason);

#endif
