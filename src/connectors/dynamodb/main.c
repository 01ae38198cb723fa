/*
 * main.c — the connector for DynamoDB, called as src/wire/README.md says.
 */
#include <stdio.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/dynamodb/discover.h"
#include "connectors/dynamodb/table.h"
#include "connectors/dynamodb/values.h"

static Service service;

/* The account of the keys is part of what the source is, and the service does not tell it. */
static void
connect_to_service(Request *request)
{
	HttpFailure failure;
	TableNames names;
	char server[192];

	emit_progress("connect", ABSENT);
	service_open(&service, request);
	if (!table_names_read(&names, &service, 1, &failure))
		http_failure_report(&failure);
	table_names_free(&names);
	snprintf(server, sizeof(server), "DynamoDB%s%s%s", service.is_default_host ? " in " : "",
			 service.is_default_host ? service.region : "",
			 http_is_encrypted(service.client) ? "" : ", without encryption");
	emit_connected(server, NULL, NULL);
}

static const char *
discover_service(Request *request)
{
	connect_to_service(request);
	discover_tables(request, &service);
	return NULL;
}

static void
sample_service(Request *request)
{
	connect_to_service(request);
	values_sample(request, &service);
}

static void
read_service(Request *request)
{
	connect_to_service(request);
	values_read(request, &service);
}

int
main(void)
{
	return connector_run(&(Connector){.name = "dynamodb",
									  .version = CONNECTOR_VERSION,
									  .test = connect_to_service,
									  .discover = discover_service,
									  .sample = sample_service,
									  .read = read_service,
									  .exact = true});
}
