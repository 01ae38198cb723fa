/*
 * request.h — the request, the line on standard input, as a structure.
 */
#ifndef RG_CONNECTOR_REQUEST_H
#define RG_CONNECTOR_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectors/common/read_request.h"
#include "wire/pattern.h"
#include "wire/wire.h"

typedef enum Operation
{
	OPERATION_TEST,
	OPERATION_DISCOVER,
	OPERATION_SAMPLE,
	OPERATION_READ,
	OPERATION_QUERY,
	OPERATION_DATABASES
} Operation;

typedef enum TlsMode
{
	TLS_DISABLE,
	TLS_PREFER,
	TLS_REQUIRE,
	TLS_VERIFY_CA,
	TLS_VERIFY_FULL
} TlsMode;

typedef struct SampledRelation
{
	char *schema;
	char *name;
	char *id; /* or NULL */
} SampledRelation;

/* The member `sample`: the relations whose values to read, and how much of them may be shown. */
typedef struct SampleRequest
{
	SampledRelation *relations;
	int relation_count;
	int categories; /* most values of a column's categories; 0: none are wanted */
	int category_length;
	int examples; /* rows */
	int example_length;
	bool masking;
	int relation_timeout; /* seconds for each query */
} SampleRequest;

typedef struct RequestHost
{
	char *name;
	int port;         /* 0: none */
	char **addresses; /* the only addresses that may be dialed; NULL: the connector resolves the name */
	int address_count;
} RequestHost;

/* The operator's proxy, by which connectors of services over HTTP leave. */
typedef struct RequestProxy
{
	char *host; /* NULL: there is none */
	int port;
	char **addresses; /* the only ones that may be dialed */
	int address_count;
	char *allowed_hosts; /* that it may be asked for (wire/host_list.h) */
	char *username;      /* NULL: it asks for none; wiped never: each connection needs it */
	char *password;
} RequestProxy;

/* Texts are NULL if the request does not have them. They live as long as the process; read and query until
 * the next request. */
typedef struct Request
{
	Operation operation;
	char *type;

	char *host; /* the first host, with its port and its addresses */
	int port;   /* 0: none */
	char **addresses;
	int address_count;
	RequestHost *hosts; /* all of them */
	int host_count;
	RequestProxy proxy;
	bool tunnel; /* the address is the near end of an encrypted tunnel */
	char *path;  /* of a source that is a file or a directory */
	char *database;
	TlsMode tls_mode; /* "prefer" if the request has none */
	char *tls_ca;
	char *options; /* the source's metadata, as JSON text */
	char *driver;  /* the ODBC driver that the operator allows, as JSON text */

	char *schema; /* the scope; NULL: everything */
	WireSelection selection;

	bool signatures;       /* the server wants signatures, and has these: */
	char *known_signature; /* of the source; NULL: none */
	char *known_relations; /* JSON text of an array of [id, signature]; NULL: none */
	int64_t
		known_as_of; /* milliseconds since 1970, up to which it knows the source's history; 0: none of it */

	int connection_timeout; /* seconds */
	int query_timeout;
	int connections;
	int64_t document_bytes;
	int64_t row_bytes;

	SampleRequest sample;
	ReadRequest read;   /* of the operation read */
	QueryRequest query; /* of the operation query */

	WireBuffer credentials; /* JSON text, until request_forget_credentials() */
} Request;

/*
 * Reads a line of standard input. A request that cannot be understood ends the process with an error frame.
 */
extern void request_read(Request *request);

/*
 * Reads the next request, for the same endpoint: its operation is read or query. Returns false if there is
 * none.
 */
extern bool request_read_next(Request *request);

/* Returns the protocol's word. */
extern const char *request_operation_name(Operation operation);

/* Returns the credential of that name, or NULL. The caller releases it with forget_text(). */
extern char *request_credential(const Request *request, const char *name);

/* Wipes the credentials from the connector's own memory. */
extern void request_forget_credentials(Request *request);

#endif
