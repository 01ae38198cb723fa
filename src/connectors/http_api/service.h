/*
 * service.h — the service that the source is: its host, how it is asked, and with what credentials.
 */
#ifndef RG_HTTP_API_SERVICE_H
#define RG_HTTP_API_SERVICE_H

#include "connectors/http_api/token.h"

#define MOST_ENDPOINTS 1000

/* Of a document, and of a page of rows. */
#define MOST_DOCUMENT_BYTES (32 * 1024 * 1024)
#define MOST_PAGE_BYTES     (64 * 1024 * 1024)

typedef struct Service
{
	char *openapi_path; /* metadata.openapi_path, or where it was found; or NULL */
	char **endpoints;   /* metadata.endpoints */
	int endpoint_count;
	char *authorization; /* or NULL */
	char *api_key;       /* or NULL */
	char *key_header;    /* where the key is sent: one of these, which the document may say */
	char *key_query;
	Token token;
	HttpEndpoint endpoint;
	HttpClient *client;
} Service;

/* Takes what the request says, and its credentials, which it wipes there. Sends nothing. */
extern void service_open(Service *service, Request *request);

/* One GET. */
typedef struct ServiceQuestion
{
	const char *path; /* escaped, with its own query if it has one */
	UrlQuery query;   /* what is added to that; it is freed */
	const char *accept;
	int64_t most_bytes;
} ServiceQuestion;

/*
 * Returns true if the answer is a success. Else its status is 0, if there is none, or the service's. The
 * caller frees the answer.
 */
extern bool
service_get(Service *service, ServiceQuestion *question, HttpAnswer *answer, HttpFailure *failure);

#endif
