/*
 * run.c — the course of every connector: hello, the request, the operation, end.
 */
#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"

#define MOST_CAPABILITIES 4

static void
say_hello(const Connector *connector)
{
	const char *capabilities[MOST_CAPABILITIES + 1];
	int count = 0;

	if (connector->test)
		capabilities[count++] = "test";
	if (connector->discover)
		capabilities[count++] = "discover";
	if (connector->discover && connector->signatures)
		capabilities[count++] = "signatures";
	if (connector->sample)
		capabilities[count++] = "sample";
	capabilities[count] = NULL;
	emit_hello(connector->name, connector->version, capabilities);
}

static void give_up_unsupported(const char *operation) __attribute__((noreturn));

static void
give_up_unsupported(const char *operation)
{
	give_up(&(Failure){.step = "configure",
					   .code = "unsupported",
					   .message = "The connector does not offer the requested operation.",
					   .detail = operation});
}

int
connector_run(const Connector *connector)
{
	Request request;
	const char *signature = NULL;

	say_hello(connector);
	request_read(&request);
	if (request.operation == OPERATION_TEST && connector->test)
		connector->test(&request);
	else if (request.operation == OPERATION_DISCOVER && connector->discover)
		signature = connector->discover(&request);
	else if (request.operation == OPERATION_SAMPLE && connector->sample)
		connector->sample(&request);
	else
		give_up_unsupported(request_operation_name(request.operation));
	emit_end(signature);
	return EXIT_SUCCESS;
}
