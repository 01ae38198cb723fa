#include "connectors/http_api/values.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/file_read.h"
#include "connectors/files/file_sample.h"
#include "connectors/files/row_texts.h"
#include "connectors/http_api/bound.h"
#include "connectors/http_api/cell.h"
#include "connectors/http_api/columns.h"
#include "connectors/http_api/endpoint.h"
#include "connectors/http_api/relation.h"

#define NOT_THERE "it is no longer in the data source"

/* Where the rows of a relation come from: the first page, which was read, or the service. */
typedef struct Content
{
	Service *service;
	const ApiOperation *operation;
	Pages *first; /* NULL: the service */
} Content;

typedef struct Rows
{
	const Content *content;
	const FileRelation *relation;
	const ReadRequest *read;
	const int *columns;
	int count;
	Pages pages;
	const JsonNode *next; /* of the first page */
	int64_t given;
	RowTexts row;
} Rows;

static void *
rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	Rows *rows = allocate(sizeof(Rows));
	const Content *content = relation->content;

	*rows =
		(Rows){.content = content, .relation = relation, .read = read, .columns = columns, .count = count};
	row_texts_begin(&rows->row, count);
	if (content->first != NULL)
		rows->next = content->first->rows;
	else
		pages_begin(&rows->pages, content->service, content->operation, relation, read);
	return rows;
}

static const JsonNode *
next_row(Rows *rows)
{
	const JsonNode *row = rows->next;

	if (rows->content->first == NULL)
		return rows->read != NULL && rows->read->sample != NO_LIMIT && rows->given >= rows->read->sample
				   ? NULL
				   : pages_row(&rows->pages);
	if (row != NULL)
		rows->next = row == json_tree_root(rows->content->first->tree) ? NULL : row->next;
	return row;
}

static bool
append_value(Rows *rows, const JsonNode *row, const FileColumn *column)
{
	const JsonNode *value = json_member(row, column->name);
	const char *bound;

	if (value != NULL)
		return cell_append(&rows->row.texts, value, column->pg_type);
	bound = bound_value(rows->content->operation, rows->read, column->name);
	if (bound != NULL && column_is_parameter(column))
	{
		wire_append_text(&rows->row.texts, bound);
		return true;
	}
	if (strcmp(column->name, VALUE_COLUMN) == 0 &&
		(row->kind != JSON_OBJECT || rows->relation->column_count == 1))
		return cell_append(&rows->row.texts, row, column->pg_type);
	return false;
}

static bool
rows_next(void *context, FileValue *values)
{
	Rows *rows = context;
	const JsonNode *row = next_row(rows);

	if (row == NULL)
		return false;
	rows->given++;
	row_texts_restart(&rows->row);
	for (int i = 0; i < rows->count; i++)
		row_texts_add(&rows->row, append_value(rows, row, &rows->relation->columns[rows->columns[i]]));
	row_texts_give(&rows->row, values);
	return true;
}

static void
rows_end(void *context)
{
	Rows *rows = context;

	if (rows->content->first == NULL)
		pages_end(&rows->pages);
	row_texts_end(&rows->row);
	free(rows);
}

static const Format format = {.rows_begin = rows_begin, .rows_next = rows_next, .rows_end = rows_end};

/* ---- sample ---- */

static bool
find_operation(ApiOperation *operation, Service *service, Api *api, const char *schema, const char *name)
{
	return api != NULL ? operation_find(operation, api, schema, name)
					   : endpoint_find(operation, service, schema, name);
}

/* Values are categories only if there is no other page. */
static void
forget_categories(FileRelation *relation, const Pages *first)
{
	if (first->path != NULL || first->is_cut || first->size_name != NULL)
		for (int i = 0; i < relation->column_count; i++)
			relation->columns[i].may_have_categories = false;
}

static void
sample_operation(const Request *request, Service *service, const ApiOperation *operation, int number)
{
	FileRelations relations = {.items = NULL};
	Pages first;
	Content content = {.service = service, .operation = operation, .first = &first};
	HttpFailure failure;
	const char *wanted = request->sample.relations[number].id;
	FileRelation *relation;
	bool fine;

	pages_begin(&first, service, operation, NULL, NULL);
	(void) pages_next(&first, &fine, &failure);
	if (!fine)
		emit_sample_error(number, failure.message);
	else
	{
		relation = operation->get ? relation_of_operation(&relations, operation)
								  : relation_of_endpoint(&relations, operation, &first);
		relation->content = &content;
		forget_categories(relation, &first);
		if (wanted != NULL && strcmp(wanted, relation->id) != 0)
			emit_sample_error(number, NOT_THERE);
		else
			file_sample_relation(&format, request, number, relation);
		relations_free(&relations);
	}
	pages_end(&first);
}

void
values_sample(const Request *request, Service *service, Api *api)
{
	for (int i = 0; i < request->sample.relation_count; i++)
	{
		const SampledRelation *wanted = &request->sample.relations[i];
		ApiOperation operation;

		emit_progress("scan", ABSENT);
		if (!find_operation(&operation, service, api, wanted->schema, wanted->name))
		{
			emit_sample_error(i, NOT_THERE);
			continue;
		}
		if (bound_lacking(&operation, NULL) != NULL)
			emit_sample_error(i, "its endpoint needs values of parameters");
		else
			sample_operation(request, service, &operation, i);
		operation_free(&operation);
	}
}

/* ---- read ---- */

/* Values are written in the form of the types that the columns were discovered with. */
static void
take_types(FileRelation *relation, const ReadRequest *read)
{
	for (int i = 0; i < relation->column_count; i++)
		for (int j = 0; j < read->column_count && read->types != NULL; j++)
			if (read->types[j] != NULL && strcmp(relation->columns[i].name, read->columns[j]) == 0)
				relation->columns[i].pg_type = read->types[j];
}

void
values_read(const Request *request, Service *service, Api *api)
{
	const ReadRequest *read = &request->read;
	FileRelations relations = {.items = NULL};
	FileRelation *relation;
	ApiOperation operation;
	Content content = {.service = service, .operation = &operation};

	if (!find_operation(&operation, service, api, read->schema, read->name))
		give_up_changed("The endpoint is no longer in the data source.", NULL);
	relation = api != NULL ? relation_of_operation(&relations, &operation)
						   : relation_of_request(&relations, &operation, read);
	if (api != NULL)
		take_types(relation, read);
	if (read->id != NULL && strcmp(read->id, relation->id) != 0)
		give_up_changed("The endpoint is no longer in the data source.", NULL);
	relation->content = &content;
	file_read_relation(&format, request, relation);
	relations_free(&relations);
	operation_free(&operation);
}
