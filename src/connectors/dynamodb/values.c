#include "connectors/dynamodb/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/dynamodb/relation.h"
#include "connectors/dynamodb/service_error.h"
#include "connectors/files/file_read.h"
#include "connectors/files/file_sample.h"
#include "connectors/files/row_texts.h"

/* Where the rows of a relation come from: a sample that was read, or the service. */
typedef struct Content
{
	Service *service;
	const Table *table;
	const Sampled *sampled; /* NULL: the service */
} Content;

typedef struct Rows
{
	const Content *content;
	const FileRelation *relation;
	const int *columns;
	int count;
	Items items;  /* of the service */
	int64_t most; /* rows that are enough */
	int segment;  /* of the sample, and the item that comes next */
	const JsonNode *next;
	RowTexts row;
} Rows;

static void *
rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	Rows *rows = allocate(sizeof(Rows));

	*rows = (Rows){.content = relation->content,
				   .relation = relation,
				   .columns = columns,
				   .count = count,
				   .most = INT64_MAX,
				   .segment = -1};
	row_texts_begin(&rows->row, count);
	if (read != NULL && read->sample != NO_LIMIT)
		rows->most = read->sample;
	if (rows->content->sampled == NULL)
		items_begin(&rows->items, rows->content->service, rows->content->table, &(ItemsWanted){.read = read});
	return rows;
}

/* ---- where items come from ---- */

static const JsonNode *
next_of_sample(Rows *rows)
{
	const Sampled *sampled = rows->content->sampled;
	const JsonNode *item;

	while (rows->next == NULL && rows->segment < SAMPLED_SEGMENTS - 1)
		rows->next = sampled->segments[++rows->segment].next;
	item = rows->next;
	if (item != NULL)
		rows->next = item->next;
	return item;
}

static const JsonNode *
next_item(Rows *rows)
{
	if (rows->content->sampled != NULL)
		return next_of_sample(rows);
	return rows->items.given < rows->most ? items_next(&rows->items) : NULL;
}

/* ---- values ---- */

static bool
write_value(Rows *rows, const JsonNode *item, const char *name)
{
	const JsonNode *value;

	if (strcmp(name, WHOLE_ITEM) == 0)
	{
		item_write(&rows->row.texts, item);
		return true;
	}
	value = json_member(item, name);
	return value != NULL && attribute_write(&rows->row.texts, value);
}

static bool
rows_next(void *context, FileValue *values)
{
	Rows *rows = context;
	const JsonNode *item = next_item(rows);

	if (item == NULL)
		return false;
	row_texts_restart(&rows->row);
	for (int i = 0; i < rows->count; i++)
		row_texts_add(&rows->row, write_value(rows, item, rows->relation->columns[rows->columns[i]].name));
	row_texts_give(&rows->row, values);
	return true;
}

static void
rows_end(void *context)
{
	Rows *rows = context;

	if (rows->content->sampled == NULL)
		items_end(&rows->items);
	row_texts_end(&rows->row);
	free(rows);
}

static const Format format = {.rows_begin = rows_begin, .rows_next = rows_next, .rows_end = rows_end};

/* ---- sample ---- */

static void
sample_readable(const Request *request, Service *service, const Table *table, int number)
{
	FileRelations relations = {.items = NULL};
	Sampled sampled;
	HttpFailure failure;
	Content content = {.service = service, .table = table, .sampled = &sampled};
	FileRelation *relation;

	sampled_ask(&sampled, service, table);
	if (!sampled_take(&sampled, &failure))
	{
		emit_sample_error(number, failure.message);
		return;
	}
	relation = relation_of_table(&relations, table, &sampled);
	relation->content = &content;
	file_sample_relation(&format, request, number, relation);
	relations_free(&relations);
	sampled_free(&sampled);
}

static void
sample_table(const Request *request, Service *service, int number)
{
	const SampledRelation *wanted = &request->sample.relations[number];
	HttpFailure failure;
	Table table;

	if (strcmp(wanted->schema, service->region) != 0)
		emit_sample_error(number, "it is no longer in the data source");
	else if (!service->has_samples)
		emit_sample_error(number, "metadata.sample is false: no items are read for samples");
	else if (!table_describe(&table, service, wanted->name, &failure))
		emit_sample_error(number, failure_is_missing(&failure) ? "it is no longer in the data source"
															   : failure.message);
	else
	{
		if (table.is_readable)
			sample_readable(request, service, &table, number);
		else
			emit_sample_error(number, "the state of the table does not allow reading it");
		table_free(&table);
	}
}

void
values_sample(const Request *request, Service *service)
{
	for (int i = 0; i < request->sample.relation_count; i++)
	{
		emit_progress("scan", ABSENT);
		sample_table(request, service, i);
	}
}

/* ---- read ---- */

static void
open_table(Table *table, Service *service, const ReadRequest *read)
{
	HttpFailure failure;

	if (strcmp(read->schema, service->region) != 0)
		give_up_changed("The schema is another one than the data source's region.", NULL);
	if (table_describe(table, service, read->name, &failure))
		return;
	if (failure_is_missing(&failure))
		give_up_changed("The table is no longer in the data source.", NULL);
	http_failure_report(&failure);
}

void
values_read(const Request *request, Service *service)
{
	FileRelations relations = {.items = NULL};
	FileRelation *relation;
	Content content = {.service = service};
	Table table;

	open_table(&table, service, &request->read);
	content.table = &table;
	relation = relation_of_request(&relations, &table, &request->read);
	relation->content = &content;
	file_read_relation(&format, request, relation);
	relations_free(&relations);
	table_free(&table);
}
