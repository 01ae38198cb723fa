#include "connectors/dynamodb/discover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
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

/* ---- one table ---- */

/* A table under way: its description was asked for, then what that leads to, then it is told. */
typedef struct Described
{
	Table table;
	Sampled sampled;
	bool is_described;
	bool is_sampled; /* its items are asked for */
	HttpFailure failure;
} Described;

static void
take_description(const Discovery *discovery, Described *described)
{
	Table *table = &described->table;

	described->is_described = table_take(table, &described->failure);
	if (!described->is_described)
		return;
	table_ask_time_to_live(table, discovery->service);
	described->is_sampled = discovery->service->has_samples && table->is_readable;
	if (described->is_sampled)
		sampled_ask(&described->sampled, discovery->service, table);
}

/* Items that may not be read, or not now, leave the table without columns, which would be a wrong answer. */
static void
tell_sampled(Discovery *discovery, Described *described)
{
	Sampled *sampled = &described->sampled;
	HttpFailure failure;

	if (!sampled_take(sampled, &failure))
	{
		skip(discovery, described->table.name, &failure);
		return;
	}
	discovery->sampled_tables++;
	discovery->sampled_items += sampled->items;
	discovery->units += sampled->units;
	emit_table(discovery, &described->table, sampled);
	sampled_free(sampled);
}

/* A failure that all further requests would meet ends the discovery. */
static bool
is_of_table(const HttpFailure *failure)
{
	return strcmp(failure->code, "permission") == 0 || failure_is_missing(failure);
}

static void
tell_failed(const Discovery *discovery, const Described *described)
{
	if (!is_of_table(&described->failure))
		http_failure_report(&described->failure);
	/* One that was dropped meanwhile is no longer a relation. */
	if (!failure_is_missing(&described->failure))
		skip(discovery, described->table.name, &described->failure);
}

static void
tell_table(Discovery *discovery, Described *described)
{
	if (!described->is_described)
	{
		tell_failed(discovery, described);
		return;
	}
	table_take_time_to_live(&described->table);
	if (described->is_sampled)
		tell_sampled(discovery, described);
	else
		emit_table(discovery, &described->table, NULL);
	table_free(&described->table);
}

/* ---- all of them ---- */

/*
 * In the order of the names, whatever the order of the answers is. Ahead of a table that is told go others of
 * which the items are under way, and ahead of those some of which the description is.
 */
static void
discover_named(Discovery *discovery, char **names, int count)
{
	int ahead = discovery->request->connections;
	int places = 2 * ahead + 1;
	Described *line = allocate((size_t) places * sizeof(Described));

	for (int i = 0; i < count + 2 * ahead; i++)
	{
		if (i < count)
		{
			line[i % places] = (Described){.is_described = false};
			table_ask(&line[i % places].table, discovery->service, names[i]);
		}
		if (i >= ahead && i - ahead < count)
			take_description(discovery, &line[(i - ahead) % places]);
		if (i >= 2 * ahead)
			tell_table(discovery, &line[(i - 2 * ahead) % places]);
	}
	free(line);
}

/* Leaves only those that are wanted. */
static void
select_names(const Discovery *discovery, TableNames *names)
{
	int count = 0;

	for (int i = 0; i < names->count; i++)
		if (wire_selects(&discovery->request->selection, discovery->service->region, names->items[i]))
			names->items[count++] = names->items[i];
		else
			free(names->items[i]);
	names->count = count;
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
	select_names(&discovery, &names);
	discover_named(&discovery, names.items, names.count);
	if (names.has_more)
		emit_skipped(&(RelationFrame){.schema = service->region},
					 "It has more than 100,000 tables, of which the rest was not listed.");
	tell_cost(&discovery);
	table_names_free(&names);
}
