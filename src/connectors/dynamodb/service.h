/*
 * service.h — the service that the source is, and calls of its operations.
 */
#ifndef RG_DYNAMODB_SERVICE_H
#define RG_DYNAMODB_SERVICE_H

#include "connectors/http/client.h"
#include "connectors/jsontree/json_tree.h"

typedef struct Service
{
	const char *region;
	bool is_default_host;
	bool has_samples; /* items may be read to find attributes and values: metadata.sample */
	AwsSigner signer;
	HttpEndpoint endpoint;
	HttpClient *client;
} Service;

/* Takes what the request says, and its credentials, which it wipes there. Sends nothing. */
extern void service_open(Service *service, Request *request);

/* Begins the call of an operation with a body, which is a JSON text. Several may be under way. */
extern HttpPending *service_begin(Service *service, const char *operation, const WireBuffer *body);

/* Returns the answer of the call, which it ends; NULL with a failure if there is none. */
extern JsonTree *service_finish(HttpPending *call, HttpFailure *failure);

#endif
