/*
 * main.c — the connector for Snowflake, called as src/wire/README.md says.
 */
#include <stdio.h>

#include "connectors/common/emit.h"
#include "connectors/common/run.h"
#include "connectors/service/answer.h"
#include "connectors/snowflake/discover.h"
#include "connectors/snowflake/statement.h"
#include "connectors/snowflake/values.h"

static Service service;
static bool is_open;

static void
report(HttpFailure *failure)
{
	if (failure_is_missing(failure))
		*failure = (HttpFailure){.step = "query",
								 .code = "database_not_found",
								 .message = "There is no database of that name, or the role does not see it.",
								 .hint = "Names are spelled as they are stored: in upper case, unless they "
										 "were made in quotes. The role needs USAGE on the database."};
	http_failure_report(failure);
}

static void
tell(const char *version)
{
	char server[80];
	char identity[600];

	snprintf(server, sizeof(server), "Snowflake%s%.40s", version[0] != '\0' ? " " : "", version);
	snprintf(identity, sizeof(identity), "%.250s/%.300s", service.account.name ? service.account.name : "",
			 service.database ? service.database : "");
	emit_connected(server, "snowflake", service.account.is_vendors ? identity : NULL);
}

static void
connect_to_service(Request *request, SqlRows *schemas)
{
	HttpFailure failure;

	emit_progress("connect", ABSENT);
	service_open(&service, request);
	if (!catalog_read_schemas(schemas, &service, &failure))
		report(&failure);
}

/* What the service says is for people: without it the test has succeeded all the same. */
static void
read_version(char *version, size_t size)
{
	HttpFailure failure;
	const Cell *cells;
	Result result;

	version[0] = '\0';
	if (!statement_run(&result, &service, &(Statement){.sql = "SELECT CURRENT_VERSION()"}, &failure))
		return;
	cells = result_next(&result, &failure);
	if (cells != NULL && result.column_count > 0 && cells[0].text != NULL)
		snprintf(version, size, "%s", cells[0].text);
	result_end(&result);
}

static void
test_service(Request *request)
{
	SqlRows schemas = {0};
	char version[64];

	connect_to_service(request, &schemas);
	read_version(version, sizeof(version));
	tell(version);
	sql_rows_free(&schemas);
}

static const char *
discover_service(Request *request)
{
	SqlRows schemas = {0};

	connect_to_service(request, &schemas);
	tell("");
	discover_schemas(request, &service, &schemas);
	sql_rows_free(&schemas);
	return NULL;
}

static void
list_databases(Request *request)
{
	SqlRows databases = {0};
	HttpFailure failure;

	emit_progress("connect", ABSENT);
	service_open(&service, request);
	if (!catalog_read_databases(&databases, &service, &failure))
		report(&failure);
	tell("");
	for (size_t i = 0; i < databases.count; i++)
		emit_database(databases.items[i][SHOWN_NAME]);
	sql_rows_free(&databases);
}

/* Nothing is held between two requests but the connection. */
static void
rest(void)
{
}

/* The connection is kept for the next request. */
static void
open_kept(Request *request)
{
	SqlRows schemas = {0};

	if (!is_open)
		connect_to_service(request, &schemas);
	sql_rows_free(&schemas);
	is_open = true;
	request_forget_credentials(request);
	service.timeout = request->query_timeout;
	tell("");
}

static void
sample_service(Request *request)
{
	open_kept(request);
	values_sample(request, &service);
}

/* Standard input stays open for as long as rows are wanted. */
static void
read_service(Request *request)
{
	service.is_watched = true;
	emit_until_abandoned(rest);
	open_kept(request);
	values_read(request, &service);
}

int
main(void)
{
	return connector_run(&(Connector){.name = "snowflake",
									  .version = CONNECTOR_VERSION,
									  .test = test_service,
									  .discover = discover_service,
									  .sample = sample_service,
									  .databases = list_databases,
									  .read = read_service,
									  .exact = true,
									  .rest = rest});
}
