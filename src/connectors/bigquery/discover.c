#include "connectors/bigquery/discover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/bigquery/service_error.h"
#include "connectors/bigquery/relation.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/file_discover.h"

typedef struct Discovery
{
	const Request *request;
	Service *service;
} Discovery;

/* A failure that all further requests would meet ends the discovery. */
static void
report_unless_denied(const HttpFailure *failure)
{
	if (strcmp(failure->code, "permission") != 0 && !failure_is_missing(failure))
		http_failure_report(failure);
}

static void
skip(const char *dataset, const char *name, const HttpFailure *failure)
{
	char reason[512];

	report_unless_denied(failure);
	snprintf(reason, sizeof(reason), "%s %s", failure->message, failure->detail);
	emit_skipped(&(RelationFrame){.schema = dataset, .name = name}, reason);
}

/* One that was dropped meanwhile is no longer a relation. */
static void
tell_table(const Discovery *discovery, const char *dataset, const ListedTable *table, HttpPending *call)
{
	FileRelations relations = {.items = NULL};
	const FileRelation *relation;
	HttpFailure failure;
	JsonTree *description = service_finish(call, &failure);

	if (description == NULL)
	{
		if (!failure_is_missing(&failure))
			skip(dataset, table->name, &failure);
		return;
	}
	relation = relation_of_description(&relations, table, description);
	emit_file_relation(discovery->request, dataset, relation, ABSENT, NULL);
	relations_free(&relations);
	json_tree_free(description);
}

/* In the order of the names. Ahead of a table that is told others are asked for; NULL: it is not wanted. */
static void
discover_tables(const Discovery *discovery, const char *dataset, const ListedTables *tables)
{
	int ahead = discovery->request->connections;
	HttpPending **line = allocate((size_t) (ahead + 1) * sizeof(HttpPending *));

	for (int i = 0; i < tables->count + ahead; i++)
	{
		int told = i - ahead;

		if (i < tables->count)
			line[i % (ahead + 1)] =
				wire_selects(&discovery->request->selection, dataset, tables->items[i].name)
					? table_ask(discovery->service, dataset, tables->items[i].newest)
					: NULL;
		if (told >= 0 && line[told % (ahead + 1)] != NULL)
			tell_table(discovery, dataset, &tables->items[told], line[told % (ahead + 1)]);
	}
	free(line);
}

/* Its description is a comment; a user who may list tables may not always read it. */
static void
announce_dataset(const Discovery *discovery, const char *dataset)
{
	char *path = service_path("projects", discovery->service->project, "datasets", dataset, NULL);
	UrlQuery query = {0};
	HttpFailure failure;
	JsonTree *answer = service_get(discovery->service, path, &query, &failure);

	emit_schema(dataset, NULL, answer ? json_member_text(json_tree_root(answer), "description") : NULL);
	json_tree_free(answer);
	free(path);
}

static void
discover_dataset(const Discovery *discovery, const char *dataset)
{
	ListedTables tables;
	HttpFailure failure;

	announce_dataset(discovery, dataset);
	if (!tables_read(&tables, discovery->service, dataset, &failure))
	{
		skip(dataset, NULL, &failure);
		return;
	}
	emit_progress("read", tables.count);
	discover_tables(discovery, dataset, &tables);
	tables_free(&tables);
}

static bool
is_wanted(const Request *request, const char *dataset)
{
	return request->schema != NULL ? strcmp(request->schema, dataset) == 0
								   : wire_selects_any_of(&request->selection, dataset);
}

static void give_up_missing_schema(const char *name) __attribute__((noreturn));

static void
give_up_missing_schema(const char *name)
{
	char message[512];

	snprintf(message, sizeof(message), "There is no dataset \"%.300s\" in the project.", name);
	give_up(&(Failure){.step = "query", .code = "schema_not_found", .message = message});
}

void
discover_datasets(const Request *request, Service *service)
{
	Discovery discovery = {.request = request, .service = service};
	HttpFailure failure;
	Names datasets;
	int found = 0;

	if (!datasets_read(&datasets, service, 1000000, &failure))
		http_failure_report(&failure);
	for (int i = 0; i < datasets.count; i++)
		if (is_wanted(request, datasets.items[i]))
		{
			found++;
			discover_dataset(&discovery, datasets.items[i]);
		}
	if (request->schema != NULL && found == 0)
		give_up_missing_schema(request->schema);
	names_free(&datasets);
}
