/*
 * run.c — the course of every connector: hello, the request, the operation, end.
 */
#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"

#define MOST_CAPABILITIES 9

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
	if (connector->databases)
		capabilities[count++] = "databases";
	if (connector->read)
		capabilities[count++] = "read";
	if (connector->read && connector->exact)
		capabilities[count++] = "exact";
	if (connector->query)
		capabilities[count++] = "query";
	if (connector->rest)
		capabilities[count++] = "repeat";
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

/* Answers an operation that describes the source. */
static void
describe(const Connector *connector, Request *request)
{
	const char *signature = NULL;

	if (request->operation == OPERATION_TEST && connector->test)
		connector->test(request);
	else if (request->operation == OPERATION_DISCOVER && connector->discover)
		signature = connector->discover(request);
	else if (request->operation == OPERATION_SAMPLE && connector->sample)
		connector->sample(request);
	else if (request->operation == OPERATION_DATABASES && connector->databases)
		connector->databases(request);
	else
		give_up_unsupported(request_operation_name(request->operation));
	emit_end(signature);
}

/* Answers an operation that sends rows. Returns false for any other. */
static bool
send_rows(const Connector *connector, Request *request)
{
	bool truncated = false;

	if (request->operation == OPERATION_READ && connector->read)
		connector->read(request);
	else if (request->operation == OPERATION_QUERY && connector->query)
		truncated = connector->query(request);
	else
		return false;
	emit_rows_end(truncated);
	if (connector->rest)
		connector->rest();
	return true;
}

int
connector_run(const Connector *connector)
{
	Request request;
	bool another = true;

	say_hello(connector);
	if (connector->prepare)
		connector->prepare();
	request_read(&request);
	while (another && send_rows(connector, &request))
		another = connector->rest && request_read_next(&request);
	if (another)
		describe(connector, &request);
	return EXIT_SUCCESS;
}
