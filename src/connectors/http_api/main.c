/*
 * main.c — the connector for services over HTTP, called as src/wire/README.md says.
 */
#include <stdio.h>

#include "connectors/common/deadline.h"
#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/http_api/discover.h"
#include "connectors/http_api/values.h"

/* What was opened serves the next requests, too, and the description for so many seconds. */
#define DESCRIPTION_LASTS 60

static Service service;
static Api api;
static bool is_open;
static Deadline description_ends;

static const char *
word_of(ApiVersion version)
{
	return version == OPENAPI_2_0 ? "OpenAPI 2.0" : version == OPENAPI_3_0 ? "OpenAPI 3.0" : "OpenAPI 3.1";
}

static void
tell_document(void)
{
	const JsonNode *info = json_member(api_root(&api).node, "info");
	const char *title = json_member_text(info, "title");
	const char *version = json_member_text(info, "version");
	char server[160];

	snprintf(server, sizeof(server), "%.80s%s%.30s (%s)", title ? title : "HTTP API", version ? " " : "",
			 version ? version : "", word_of(api.version));
	emit_connected(server, NULL, NULL);
}

/* The first endpoint shows whether the service answers, and whether it takes the credentials. */
static void
greet_endpoint(void)
{
	ServiceQuestion question = {
		.path = service.endpoints[0], .accept = "application/json, */*;q=0.5", .most_bytes = MOST_PAGE_BYTES};
	HttpAnswer answer;
	HttpFailure failure;

	if (!service_get(&service, &question, &answer, &failure))
		http_failure_report(&failure);
	http_answer_free(&answer);
	emit_connected("HTTP API", NULL, NULL);
}

static bool
has_document(void)
{
	return service.endpoint_count == 0;
}

static void
read_description(void)
{
	if (is_open && deadline_milliseconds(description_ends) > 0)
		return;
	if (is_open)
		api_close(&api);
	api_open(&api, &service);
	description_ends = deadline_after(DESCRIPTION_LASTS);
}

static void
connect_to_service(Request *request)
{
	if (!is_open)
	{
		emit_progress("connect", ABSENT);
		service_open(&service, request);
	}
	request_forget_credentials(request);
	if (has_document())
	{
		read_description();
		tell_document();
	}
	else if (!is_open)
		greet_endpoint();
	else
		emit_connected("HTTP API", NULL, NULL);
	is_open = true;
}

static const char *
discover_service(Request *request)
{
	connect_to_service(request);
	if (has_document())
		return discover_document(request, &api);
	discover_endpoints(request, &service);
	return NULL;
}

static void
sample_service(Request *request)
{
	connect_to_service(request);
	values_sample(request, &service, has_document() ? &api : NULL);
}

static void
read_service(Request *request)
{
	connect_to_service(request);
	values_read(request, &service, has_document() ? &api : NULL);
}

/* Nothing is held between two requests but the connection and the description. */
static void
rest(void)
{
}

int
main(void)
{
	return connector_run(&(Connector){.name = "http_api",
									  .version = CONNECTOR_VERSION,
									  .signatures = true,
									  .test = connect_to_service,
									  .discover = discover_service,
									  .sample = sample_service,
									  .read = read_service,
									  .exact = true,
									  .rest = rest});
}
