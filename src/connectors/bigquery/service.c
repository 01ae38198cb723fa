#include "connectors/bigquery/service.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/bigquery/service_account.h"
#include "connectors/bigquery/service_error.h"
#include "connectors/common/buffer_text.h"
#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http/authorization.h"

#define DEFAULT_HOST "bigquery.googleapis.com"
#define API          "/bigquery/v2/"

/* A page of rows is 10 MB as the service counts. */
#define MOST_ANSWER_BYTES (64 * 1024 * 1024)

static void
check_name(const char *name, const char *what)
{
	char message[96];

	if (strlen(name) <= 200 &&
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") == strlen(name))
		return;
	snprintf(message, sizeof(message), "%s is malformed.", what);
	configuration_fails(message, "It has letters, digits, hyphens and underscores.");
}

static void
take_bound(Service *service, const WireObject *options)
{
	WireSpan value = wire_member(options, "maximum_bytes_billed");

	if (value.start != NULL &&
		(!wire_integer(value, &service->most_bytes_billed) || service->most_bytes_billed <= 0))
		configuration_fails("metadata.maximum_bytes_billed is no positive whole number.", NULL);
}

static void
take_options(Service *service, const Request *request)
{
	static WireObject options;
	char *shards;

	options.count = 0;
	if (request->options != NULL)
		(void) wire_object_scan(request->options, strlen(request->options), &options);
	service->billing_project = configuration_text_option(&options, "billing_project");
	if (configuration_lacks(service->billing_project))
		service->billing_project = copy_text(service->project);
	service->location = configuration_text_option(&options, "location");
	shards = configuration_text_option(&options, "shards");
	if (shards != NULL && strcmp(shards, "each") != 0 && strcmp(shards, "together") != 0)
		configuration_fails("metadata.shards is neither \"each\" nor \"together\".", NULL);
	service->has_each_shard = shards != NULL && strcmp(shards, "each") == 0;
	free(shards);
	check_name(service->billing_project, "metadata.billing_project");
	if (service->location != NULL)
		check_name(service->location, "metadata.location");
	take_bound(service, &options);
}

/* A token of a person or a service, or one that the key of a service account signs. */
static void
take_credentials(Service *service, Request *request)
{
	char *token = request_credential(request, "oauth_token");
	char *account = request_credential(request, "service_account");
	char *signed_token = NULL;

	request_forget_credentials(request);
	if (configuration_lacks(token) && configuration_lacks(account))
		configuration_fails("The credentials have neither service_account nor oauth_token.", NULL);
	if (!configuration_lacks(token) && !configuration_lacks(account))
		configuration_fails("The credentials have both service_account and oauth_token.",
							"Give one of them.");
	if (!configuration_lacks(account))
		signed_token = service_account_token(account);
	else if (strpbrk(token, "\r\n") != NULL)
		configuration_fails("oauth_token has a line end in it.", NULL);
	service->authorization = allocate(strlen(signed_token ? signed_token : token) + 8);
	sprintf(service->authorization, "Bearer %s", signed_token ? signed_token : token);
	forget_text(token);
	forget_text(account);
	forget_text(signed_token);
}

void
service_open(Service *service, Request *request)
{
	*service = (Service){.project = request->database, .is_default_host = configuration_lacks(request->host)};
	if (configuration_lacks(service->project))
		configuration_fails("The data source names no project.", "Give its id as database_name.");
	check_name(service->project, "The project");
	take_options(service, request);
	take_credentials(service, request);
	http_endpoint_take(&service->endpoint, request, DEFAULT_HOST);
	protect_credentials(&service->endpoint, request);
	service->endpoint.is_throttled = error_is_throttling;
	service->client = http_open(&service->endpoint);
}

static HttpPending *
begin(Service *service, HttpRequest *request)
{
	HttpPending *call;

	request->most_bytes = MOST_ANSWER_BYTES;
	http_header_add(&request->headers, "authorization", service->authorization);
	http_header_add(&request->headers, "accept", "application/json");
	call = http_begin(service->client, request);
	http_request_free(request);
	return call;
}

JsonTree *
service_finish(HttpPending *call, HttpFailure *failure)
{
	HttpAnswer answer;
	JsonTree *tree = NULL;

	if (http_finish(call, &answer, failure))
	{
		if (answer.status >= 200 && answer.status < 300)
			tree = service_object(&answer, "What answers at this address and port is no service of BigQuery.",
								  failure);
		else
			error_set(failure, &answer);
	}
	http_answer_free(&answer);
	return tree;
}

static JsonTree *
send_request(Service *service, HttpRequest *request, HttpFailure *failure)
{
	return service_finish(begin(service, request), failure);
}

HttpPending *
service_begin_get(Service *service, const char *path, UrlQuery *query)
{
	return begin(service, &(HttpRequest){.method = "GET", .path = path, .query = *query});
}

JsonTree *
service_get(Service *service, const char *path, UrlQuery *query, HttpFailure *failure)
{
	return service_finish(service_begin_get(service, path, query), failure);
}

JsonTree *
service_post(Service *service, const char *path, UrlQuery *query, const WireBuffer *body,
			 HttpFailure *failure)
{
	HttpRequest request = {.method = "POST", .path = path, .body = body->data, .body_length = body->length};

	if (body->failed)
		give_up_out_of_memory();
	if (query != NULL)
		request.query = *query;
	http_header_add(&request.headers, "content-type", "application/json");
	return send_request(service, &request, failure);
}

char *
service_path(const char *part, ...)
{
	WireBuffer path = {.data = NULL};
	va_list parts;

	wire_append_text(&path, API);
	va_start(parts, part);
	for (const char *each = part; each != NULL; each = va_arg(parts, const char *))
	{
		if (each != part)
			wire_append_text(&path, "/");
		url_append_escaped(&path, each, strlen(each), false);
	}
	va_end(parts);
	return buffer_take_text(&path);
}
