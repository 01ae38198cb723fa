/*
 * values.c — rows of tables. Where nothing can be left to the service, rows are listed, which costs nothing;
 * conditions, views, external tables and shards need a query.
 */
#include "connectors/bigquery/values.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/bigquery/job.h"
#include "connectors/bigquery/relation.h"
#include "connectors/bigquery/select.h"
#include "connectors/bigquery/service_error.h"
#include "connectors/bigquery/value.h"
#include "connectors/common/buffer_text.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/file_read.h"
#include "connectors/files/file_sample.h"
#include "connectors/files/row_texts.h"

/* More names would make the request's address too long; then all fields are sent. */
#define MOST_SELECTED 50

/* All values of a table are looked at for categories only if it has no more rows than these. */
#define MOST_ROWS_FOR_CATEGORIES 10000

typedef struct Content
{
	Service *service;
	const char *dataset;
	ListedTable table;
	JsonTree *description;
} Content;

typedef struct Rows
{
	const Content *content;
	int count;
	const JsonNode **fields; /* of the columns that are read */
	int *places;             /* of their values in a row of the service */
	int most_places;
	Pages pages;
	const JsonNode **cells;
	int64_t left; /* rows that are enough */
	RowTexts row;
} Rows;

/* ---- the columns of a row ---- */

static const JsonNode *
field_of(const Content *content, int number)
{
	const JsonNode *field = description_fields(content->description)->first;

	while (number-- > 0)
		field = field->next;
	return field;
}

static int
field_count(const Content *content)
{
	const JsonNode *fields = description_fields(content->description);

	return fields ? fields->count : 0;
}

/* The names of these columns, with commas; the places of their values, which come in the order of the schema.
 */
static char *
select_fields(Rows *rows, const int *columns)
{
	const Content *content = rows->content;
	WireBuffer names = {.data = NULL};
	bool selects = rows->count <= MOST_SELECTED && field_count(content) > 1;
	int place = 0;

	for (int number = 0; number < field_count(content); number++)
	{
		bool is_wanted = !selects || (rows->count == 0 && number == 0);

		for (int i = 0; i < rows->count; i++)
			if (columns[i] == number)
			{
				rows->places[i] = place;
				is_wanted = true;
			}
		if (!is_wanted)
			continue;
		wire_append_text(&names, place > 0 ? "," : "");
		wire_append_text(&names, json_member_text(field_of(content, number), "name"));
		place++;
	}
	rows->most_places = place;
	if (!selects)
	{
		wire_free(&names);
		return NULL;
	}
	return buffer_take_text(&names);
}

/* ---- where they come from ---- */

static int64_t
rows_that_are_enough(const ReadRequest *read)
{
	if (read == NULL)
		return 0;
	if (read->sample != NO_LIMIT)
		return read->sample;
	return read->condition_count == 0 && read->limit != NO_LIMIT ? read->limit : 0;
}

static void
begin_query(Rows *rows, const int *columns, const Select *select)
{
	HttpFailure failure;

	for (int i = 0; i < rows->count; i++)
		rows->places[i] = i;
	rows->most_places = rows->count > 0 ? rows->count : 1;
	(void) columns;
	if (job_run(&rows->pages, rows->content->service, select->sql.data, &select->parameters, &failure))
		return;
	give_up_rows(&failure);
}

static void
begin_rows(Rows *rows, const int *columns, const ReadRequest *read)
{
	const Content *content = rows->content;
	bool is_plain = description_is_plain(content->description) && content->table.shards == 0;
	Select select;

	select_write(&select, content->service, content->dataset, &content->table, content->description, columns,
				 rows->count, read);
	if (!is_plain || (select.conditions > 0 && !select_lacks_partition(content->description, read)))
		begin_query(rows, columns, &select);
	else
		pages_of_table(&rows->pages, content->service, content->dataset, content->table.newest,
					   select_fields(rows, columns), rows_that_are_enough(read));
	select_free(&select);
}

static void *
rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	Rows *rows = allocate(sizeof(Rows));
	size_t size = (size_t) count + 1;

	*rows = (Rows){.content = relation->content, .count = count, .left = INT64_MAX};
	rows->fields = allocate(size * sizeof(JsonNode *));
	rows->places = allocate(size * sizeof(int));
	row_texts_begin(&rows->row, count);
	for (int i = 0; i < count; i++)
		rows->fields[i] = field_of(rows->content, columns[i]);
	if (read != NULL && read->sample != NO_LIMIT)
		rows->left = read->sample;
	begin_rows(rows, columns, read);
	rows->cells = allocate((size_t) rows->most_places * sizeof(JsonNode *) + 1);
	return rows;
}

/* ---- rows ---- */

static void give_up_row(void) __attribute__((noreturn));

static void
give_up_row(void)
{
	give_up_changed("The table has other columns than the service described.", NULL);
}

static void
take_cells(Rows *rows, const JsonNode *row)
{
	const JsonNode *values = json_member(row, "f");
	int count = 0;

	if (values == NULL || values->count != rows->most_places)
		give_up_row();
	for (const JsonNode *cell = values->first; cell; cell = cell->next)
		rows->cells[count++] = json_member(cell, "v");
}

static bool
rows_next(void *context, FileValue *values)
{
	Rows *rows = context;
	const JsonNode *row = rows->left > 0 ? pages_next(&rows->pages) : NULL;

	if (row == NULL)
		return false;
	rows->left--;
	take_cells(rows, row);
	row_texts_restart(&rows->row);
	for (int i = 0; i < rows->count; i++)
		row_texts_add(&rows->row,
					  value_write(&rows->row.texts, rows->cells[rows->places[i]], rows->fields[i]));
	row_texts_give(&rows->row, values);
	return true;
}

static void
rows_end(void *context)
{
	Rows *rows = context;

	pages_end(&rows->pages);
	row_texts_end(&rows->row);
	free(rows->fields);
	free(rows->places);
	free(rows->cells);
	free(rows);
}

static const Format format = {.rows_begin = rows_begin, .rows_next = rows_next, .rows_end = rows_end};

/* ---- the operations ---- */

static bool
open_content(Content *content, Service *service, const char *dataset, const char *name, HttpFailure *failure)
{
	*content = (Content){.service = service, .dataset = dataset};
	if (table_find(&content->table, service, dataset, name, failure))
		content->description = table_describe(service, dataset, content->table.newest, failure);
	return content->description != NULL;
}

static void
close_content(Content *content)
{
	listed_table_free(&content->table);
	json_tree_free(content->description);
}

static void
allow_categories(FileRelation *relation, const Content *content)
{
	for (int i = 0; i < relation->column_count; i++)
	{
		const JsonNode *field = field_of(content, i);
		FieldKind kind = field_kind(field);

		relation->columns[i].may_have_categories = (kind == FIELD_STRING || kind == FIELD_BOOLEAN) &&
												   !field_is_repeated(field) && relation->rows != ABSENT &&
												   relation->rows <= MOST_ROWS_FOR_CATEGORIES;
	}
}

static void
sample_table(const Request *request, Service *service, int number)
{
	const SampledRelation *wanted = &request->sample.relations[number];
	FileRelations relations = {.items = NULL};
	HttpFailure failure;
	Content content;

	if (!open_content(&content, service, wanted->schema, wanted->name, &failure))
		emit_sample_error(number, failure_is_missing(&failure) ? "it is no longer in the data source"
															   : failure.message);
	else if (!description_is_plain(content.description) || content.table.shards > 0)
		emit_sample_error(number, "its rows cost a query: only tables are sampled, which costs nothing");
	else
	{
		FileRelation *relation = relation_of_description(&relations, &content.table, content.description);

		relation->content = &content;
		allow_categories(relation, &content);
		file_sample_relation(&format, request, number, relation);
		relations_free(&relations);
	}
	close_content(&content);
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

void
values_read(const Request *request, Service *service)
{
	FileRelations relations = {.items = NULL};
	FileRelation *relation;
	HttpFailure failure;
	Content content;

	if (!open_content(&content, service, request->read.schema, request->read.name, &failure))
		give_up_rows(&failure);
	relation = relation_of_description(&relations, &content.table, content.description);
	relation->content = &content;
	file_read_relation(&format, request, relation);
	relations_free(&relations);
	close_content(&content);
}
