#include "connectors/dynamodb/discover.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/dynamodb/relation.h"
#include "connectors/dynamodb/service_error.h"
#include "connectors/files/file_discover.h"

typedef struct Discovery
{
	const Request *request;
	Service *service;
	int64_t sampled_tables;
	int64_t sampled_items;
	double units;
} Discovery;

static void
check_scope(const Request *request, const Service *service)
{
	char message[512];

	if (request->schema == NULL || strcmp(request->schema, service->region) == 0)
		return;
	snprintf(message, sizeof(message),
			 "There is no schema \"%.300s\": the only one is the region, \"%.63s\".", request->schema,
			 service->region);
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}

static void
skip(const Discovery *discovery, const char *name, const HttpFailure *failure)
{
	char reason[512];

	snprintf(reason, sizeof(reason), "%s %s", failure->message, failure->detail);
	emit_skipped(&(RelationFrame){.schema = discovery->service->region, .name = name}, reason);
}

static void
emit_table(const Discovery *discovery, const Table *table, const Sampled *sampled)
{
	FileRelations relations = {.items = NULL};
	const FileRelation *relation = relation_of_table(&relations, table, sampled);

	emit_file_relation(discovery->request, discovery->service->region, relation, ABSENT, NULL);
	relations_free(&relations);
}

/* Items that may not be read, or not now, leave the table without columns, which would be a wrong answer. */
static void
discover_sampled(Discovery *discovery, const Table *table)
{
	HttpFailure failure;
	Sampled sampled;

	if (!sampled_read(&sampled, discovery->service, table, &failure))
	{
		skip(discovery, table->name, &failure);
		return;
	}
	discovery->sampled_tables++;
	discovery->sampled_items += sampled.items;
	discovery->units += sampled.units;
	emit_table(discovery, table, &sampled);
	sampled_free(&sampled);
}

/* A failure that all further requests would meet ends the discovery. */
static bool
is_of_table(const HttpFailure *failure)
{
	return strcmp(failure->code, "permission") == 0 || failure_is_missing(failure);
}

static void
discover_table(Discovery *discovery, const char *name)
{
	HttpFailure failure;
	Table table;

	if (!table_describe(&table, discovery->service, name, &failure))
	{
		if (!is_of_table(&failure))
			http_failure_report(&failure);
		/* One that was dropped meanwhile is no longer a relation. */
		if (!failure_is_missing(&failure))
			skip(discovery, name, &failure);
		return;
	}
	table_ask_time_to_live(&table, discovery->service);
	if (discovery->service->has_samples && table.is_readable)
		discover_sampled(discovery, &table);
	else
		emit_table(discovery, &table, NULL);
	table_free(&table);
}

static void
tell_cost(const Discovery *discovery)
{
	char message[200];

	if (discovery->sampled_tables == 0)
		return;
	snprintf(message, sizeof(message),
			 "%" PRId64 " items of %" PRId64 " tables were read for %.1f read units, by %" PRId64
			 " requests in all",
			 discovery->sampled_items, discovery->sampled_tables, discovery->units,
			 http_requests(discovery->service->client));
	emit_log("info", message);
}

void
discover_tables(const Request *request, Service *service)
{
	Discovery discovery = {.request = request, .service = service};
	HttpFailure failure;
	TableNames names;

	check_scope(request, service);
	if (!table_names_read(&names, service, MOST_TABLES, &failure))
		http_failure_report(&failure);
	emit_progress("read", names.count);
	emit_schema(service->region, NULL, NULL);
	for (int i = 0; i < names.count; i++)
		if (wire_selects(&request->selection, service->region, names.items[i]))
			discover_table(&discovery, names.items[i]);
	if (names.has_more)
		emit_skipped(&(RelationFrame){.schema = service->region},
					 "It has more than 100,000 tables, of which the rest was not listed.");
	tell_cost(&discovery);
	table_names_free(&names);
}
