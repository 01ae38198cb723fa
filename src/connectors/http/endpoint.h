/*
 * endpoint.h — where a service is, and how it is spoken to.
 */
#ifndef RG_HTTP_ENDPOINT_H
#define RG_HTTP_ENDPOINT_H

#include "connectors/common/request.h"
#include "connectors/http/signature.h"

typedef enum HttpEncryption
{
	HTTP_PLAIN,
	HTTP_ENCRYPTED_OR_PLAIN, /* plain if the service does not speak TLS */
	HTTP_ENCRYPTED
} HttpEncryption;

/* Texts are NULL where there are none, and must live as long as the client. */
typedef struct HttpEndpoint
{
	const char *host; /* for TLS, and for the header Host */
	int port;         /* 0: the scheme's own */
	char **addresses; /* the only ones that are dialed */
	int address_count;
	HttpEncryption encryption;
	bool verifies_chain;
	bool verifies_name;
	const char *ca;      /* PEM text */
	const char *ca_file; /* used if there is no ca */
	const char *certificate;
	const char *key;
	const char *passphrase;
	int connection_timeout;  /* seconds until the first answer */
	int answer_timeout;      /* seconds until each later one, with all times that its request is sent */
	RequestProxy proxy;      /* without a host the addresses are dialed, and else those of the proxy */
	int connections;         /* most requests at once; 0: one */
	const AwsSigner *signer; /* NULL: requests are not signed */
	/* Does the answer ask for fewer requests, though its status does not? May be NULL. */
	bool (*is_throttled)(const HttpAnswer *answer);
} HttpEndpoint;

/*
 * Fills in what the request says of its first host, whose name is resolved if no addresses are given.
 * default_host, if the request has none: then TLS is verified, whatever the request's mode is. Ends the
 * process if the endpoint is not usable.
 */
extern void http_endpoint_take(HttpEndpoint *endpoint, Request *request, const char *default_host);

#endif
