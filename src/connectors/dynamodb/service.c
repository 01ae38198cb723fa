#include "connectors/dynamodb/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/dynamodb/service_error.h"

/* A page of items has 1 MiB as the service counts, which is more as JSON: each byte of a binary may take four
 * thirds, each control character six. */
#define MOST_ANSWER_BYTES (8 * 1024 * 1024)

#define VERSION_OF_API "DynamoDB_20120810"
static void
check_region(const char *region)
{
	size_t length = strlen(region);

	if (length > 63 ||
		strspn(region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != length)
		configuration_fails("The region is malformed.",
							"database_name is the region, a name such as eu-central-1.");
}

static void
take_options(Service *service, const Request *request)
{
	static WireObject options;
	WireSpan sample;

	options.count = 0;
	if (request->options != NULL)
		(void) wire_object_scan(request->options, strlen(request->options), &options);
	service->has_samples = true;
	sample = wire_member(&options, "sample");
	if (sample.start != NULL && !wire_boolean(sample, &service->has_samples))
		configuration_fails("metadata.sample is neither true nor false.", NULL);
}

static void
take_credentials(Service *service, Request *request)
{
	AwsSigner *signer = &service->signer;

	*signer = (AwsSigner){.access_key_id = request_credential(request, "access_key_id"),
						  .secret_access_key = request_credential(request, "secret_access_key"),
						  .session_token = request_credential(request, "session_token"),
						  .region = service->region,
						  .service = "dynamodb"};
	request_forget_credentials(request);
	if (configuration_lacks(signer->access_key_id) || configuration_lacks(signer->secret_access_key))
		configuration_fails("The credentials lack access_key_id or secret_access_key.", NULL);
	if (strpbrk(signer->access_key_id, "\r\n") != NULL ||
		strpbrk(signer->session_token ? signer->session_token : "", "\r\n") != NULL)
		configuration_fails("A credential has a line end in it.", NULL);
}

void
service_open(Service *service, Request *request)
{
	static char default_host[128];

	*service = (Service){.region = request->database, .is_default_host = configuration_lacks(request->host)};
	if (configuration_lacks(service->region))
		configuration_fails("The data source names no region.",
							"Give it as database_name, such as eu-central-1.");
	check_region(service->region);
	take_options(service, request);
	take_credentials(service, request);
	snprintf(default_host, sizeof(default_host), "dynamodb.%s.amazonaws.com", service->region);
	http_endpoint_take(&service->endpoint, request, default_host);
	service->endpoint.signer = &service->signer;
	service->endpoint.is_throttled = error_is_throttling;
	service->client = http_open(&service->endpoint);
}

HttpPending *
service_begin(Service *service, const char *operation, const WireBuffer *body)
{
	HttpRequest request = {.method = "POST",
						   .path = "/",
						   .body = body->data,
						   .body_length = body->length,
						   .most_bytes = MOST_ANSWER_BYTES};
	HttpPending *call;
	char target[96];

	if (body->failed)
		give_up_out_of_memory();
	snprintf(target, sizeof(target), VERSION_OF_API ".%s", operation);
	http_header_add(&request.headers, "content-type", "application/x-amz-json-1.0");
	http_header_add(&request.headers, "x-amz-target", target);
	call = http_begin(service->client, &request);
	http_request_free(&request);
	return call;
}

JsonTree *
service_finish(HttpPending *call, HttpFailure *failure)
{
	HttpAnswer answer;
	JsonTree *tree = NULL;

	if (!http_finish(call, &answer, failure))
		tree = NULL;
	else if (answer.status < 200 || answer.status >= 300)
		error_set(failure, &answer);
	else
		tree = service_object(&answer, "What answers at this address and port is no service of DynamoDB.",
							  failure);
	http_answer_free(&answer);
	return tree;
}
