/*
 * main.c — the connector for BigQuery, called as src/wire/README.md says.
 */
#include <stdio.h>

#include "connectors/bigquery/discover.h"
#include "connectors/bigquery/query.h"
#include "connectors/bigquery/service_error.h"
#include "connectors/bigquery/table.h"
#include "connectors/bigquery/values.h"
#include "connectors/common/emit.h"
#include "connectors/common/run.h"

static Service service;

static void
connect_to_service(Request *request)
{
	HttpFailure failure;
	Names datasets;
	char identity[256];

	emit_progress("connect", ABSENT);
	service_open(&service, request);
	if (!datasets_read(&datasets, &service, 1, &failure))
	{
		if (failure_is_missing(&failure))
			failure = (HttpFailure){.step = "query",
									.code = "database_not_found",
									.message =
										"There is no project of that id, or these credentials do not see it.",
									.hint = "Check database_name: it is the project's id, not its name."};
		http_failure_report(&failure);
	}
	names_free(&datasets);
	snprintf(identity, sizeof(identity), "%.200s", service.project);
	emit_connected(http_is_encrypted(service.client) ? "BigQuery" : "BigQuery, without encryption",
				   "bigquery", service.is_default_host ? identity : NULL);
}

static const char *
discover_service(Request *request)
{
	connect_to_service(request);
	discover_datasets(request, &service);
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

static bool
query_service(Request *request)
{
	connect_to_service(request);
	return query_run(request, &service);
}

int
main(void)
{
	return connector_run(&(Connector){.name = "bigquery",
									  .version = CONNECTOR_VERSION,
									  .test = connect_to_service,
									  .discover = discover_service,
									  .sample = sample_service,
									  .read = read_service,
									  .query = query_service,
									  .exact = true});
}
