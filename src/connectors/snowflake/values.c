/*
 * values.c — rows of tables and views, which a warehouse reads.
 */
#include "connectors/snowflake/values.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/attempt.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/file_read.h"
#include "connectors/files/file_sample.h"
#include "connectors/files/row_texts.h"
#include "connectors/service/answer.h"
#include "connectors/snowflake/catalog.h"
#include "connectors/snowflake/describe.h"
#include "connectors/snowflake/select.h"
#include "connectors/snowflake/statement.h"
#include "connectors/snowflake/value.h"

/* Of so many rows all values are looked at for categories; of more, only the first rows are read. */
#define MOST_ROWS_FOR_CATEGORIES 10000

/* A relation whose rows are read. */
typedef struct Content
{
	Service *service;
	const char *schema;
	const char *name;
	SelectColumn *columns;
	int column_count;
	int64_t most_rows; /* of a sample; 0: all */
	Result *sampled;   /* the rows of a sample, which are there before they are asked for; or NULL */
	SqlRows shown;     /* what the names of the columns are in */
} Content;

typedef struct Rows
{
	const Content *content;
	const int *columns; /* their numbers */
	int count;
	int64_t left;    /* rows that are enough */
	int64_t counted; /* rows that are left, if no column is read; else -1 */
	Result result;
	RowTexts row;
} Rows;

/* ---- where they come from ---- */

/* What is compared as another language has it is said by the result only. */
static bool
has_collation(const Result *result)
{
	for (const JsonNode *column = result_column(result, 0); column != NULL; column = column->next)
	{
		const char *collation = json_member_text(column, "collation");

		if (collation != NULL && *collation != '\0')
			return true;
	}
	return false;
}

static bool
run_select(Result *result, const Content *content, const SelectWanted *wanted, bool is_async,
		   HttpFailure *failure)
{
	SelectWanted cautious = *wanted;
	Select select;
	bool fine;

	select_write(&select, wanted);
	fine = statement_run(
		result, content->service,
		&(Statement){.sql = select.sql.data, .bindings = &select.bindings, .is_async = is_async}, failure);
	if (fine && select.compares_text && has_collation(result))
	{
		cautious.distrusts_texts = true;
		result_end(result);
		fine = run_select(result, content, &cautious, is_async, failure);
	}
	select_free(&select);
	return fine;
}

static SelectWanted
wanted_of(const Content *content, const int *columns, int count)
{
	return (SelectWanted){.database = content->service->database,
						  .schema = content->schema,
						  .relation = content->name,
						  .columns = content->columns,
						  .column_count = content->column_count,
						  .numbers = columns,
						  .count = count,
						  .most_rows = content->most_rows};
}

static void
check_columns(const Result *result, int count)
{
	if (result->column_count != (count > 0 ? count : 1))
		give_up(&(Failure){.step = "query",
						   .code = "protocol",
						   .message = "The service answers with other columns than it was asked for."});
}

static void
take_count(Rows *rows)
{
	HttpFailure failure;
	const Cell *cells = result_next(&rows->result, &failure);

	if (cells == NULL && failure.code != NULL)
		give_up_rows(&failure);
	rows->counted = cells != NULL && cells[0].text != NULL ? strtoll(cells[0].text, NULL, 10) : 0;
}

static void *
rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	Rows *rows = allocate(sizeof(Rows));
	SelectWanted wanted;
	HttpFailure failure;

	*rows = (Rows){
		.content = relation->content, .columns = columns, .count = count, .left = INT64_MAX, .counted = -1};
	row_texts_begin(&rows->row, count);
	if (read == NULL)
	{
		rows->result = *rows->content->sampled;
		return rows;
	}
	wanted = wanted_of(rows->content, columns, count);
	wanted.read = read;
	if (read->sample != NO_LIMIT)
		rows->left = read->sample;
	if (read->sample != NO_LIMIT && read->condition_count == 0 && count > 0)
		wanted.most_rows = read->sample;
	if (!run_select(&rows->result, rows->content, &wanted, true, &failure))
		give_up_rows(&failure);
	check_columns(&rows->result, count);
	if (count == 0)
		take_count(rows);
	return rows;
}

static bool
rows_next(void *context, FileValue *values)
{
	Rows *rows = context;
	HttpFailure failure;
	const Cell *cells;

	if (rows->counted >= 0)
		return rows->counted-- > 0;
	if (rows->left-- <= 0)
		return false;
	cells = result_next(&rows->result, &failure);
	if (cells == NULL && failure.code != NULL)
		give_up_rows(&failure);
	if (cells == NULL)
		return false;
	row_texts_restart(&rows->row);
	for (int i = 0; i < rows->count; i++)
		row_texts_add(&rows->row, value_write(&rows->row.texts, &cells[i],
											  &rows->content->columns[rows->columns[i]].type));
	row_texts_give(&rows->row, values);
	return true;
}

static void
rows_end(void *context)
{
	Rows *rows = context;

	result_end(&rows->result);
	row_texts_end(&rows->row);
	free(rows);
}

static const Format format = {.rows_begin = rows_begin, .rows_next = rows_next, .rows_end = rows_end};

/* ---- the relation ---- */

static void
add_column(FileRelation *relation, Content *content, const char *const *row)
{
	SelectColumn *column = &content->columns[content->column_count++];
	FileColumn *added = relation_add_column(relation);

	column->name = row[COLUMN_NAME];
	describe_type(&column->type, row);
	added->name = copy_text(column->name);
	added->type = column->type.text;
	added->pg_type = column->type.pg_type;
	added->not_null = column->type.not_null;
}

/* Asks for the columns of the relation. Returns NULL with a failure. */
static FileRelation *
open_content(Content *content, FileRelations *relations, HttpFailure *failure)
{
	FileRelation *relation;

	if (!catalog_read_columns_of(&content->shown, content->service, content->schema, content->name, failure))
		return NULL;
	relation = relations_add(relations, &no_stored_file);
	relation->name = copy_text(content->name);
	relation->content = content;
	content->columns = allocate((content->shown.count + 1) * sizeof(SelectColumn));
	for (size_t i = 0; i < content->shown.count; i++)
		if (content->shown.items[i][COLUMN_NAME] != NULL)
			add_column(relation, content, content->shown.items[i]);
	return relation;
}

static void
close_content(Content *content)
{
	sql_rows_free(&content->shown);
	free(content->columns);
}

/* ---- the operations ---- */

typedef struct Sampling
{
	const Request *request;
	Service *service;
	int number;
} Sampling;

/* Values are categories only if all rows are there. */
static void
allow_categories(FileRelation *relation, const Content *content)
{
	bool are_all = content->sampled->row_count >= 0 && content->sampled->row_count < content->most_rows;

	for (int i = 0; i < relation->column_count; i++)
	{
		TypeKind kind = content->columns[i].type.kind;

		relation->columns[i].may_have_categories = are_all && (kind == TYPE_TEXT || kind == TYPE_BOOLEAN);
	}
}

static void
read_sample(Content *content, Result *result)
{
	int *numbers = allocate(((size_t) content->column_count + 1) * sizeof(int));
	SelectWanted wanted;
	HttpFailure failure;

	for (int i = 0; i < content->column_count; i++)
		numbers[i] = i;
	wanted = wanted_of(content, numbers, content->column_count);
	if (!run_select(result, content, &wanted, false, &failure))
		give_up_rows(&failure);
	check_columns(result, content->column_count);
	content->sampled = result;
	free(numbers);
}

static void
sample_relation(void *argument)
{
	const Sampling *sampling = argument;
	const SampleRequest *sample = &sampling->request->sample;
	const SampledRelation *wanted = &sample->relations[sampling->number];
	FileRelations relations = {.items = NULL};
	HttpFailure failure;
	Result result;
	Content content = {.service = sampling->service,
					   .schema = wanted->schema,
					   .name = wanted->name,
					   .most_rows =
						   sample->categories > 0 ? MOST_ROWS_FOR_CATEGORIES + 1 : sample->examples + 1};
	FileRelation *relation = open_content(&content, &relations, &failure);

	if (relation == NULL)
		give_up_rows(&failure);
	read_sample(&content, &result);
	allow_categories(relation, &content);
	file_sample_relation(&format, sampling->request, sampling->number, relation);
	relations_free(&relations);
	close_content(&content);
}

/* One that cannot be read does not keep the others from being read. */
static void
attempt_sample(const Sampling *sampling)
{
	AttemptFailure failure;

	if (attempt(sample_relation, (void *) sampling, &failure))
		return;
	if (strcmp(failure.code, "authentication") == 0 || strcmp(failure.code, "unreachable") == 0)
		give_up(&(Failure){.step = failure.step,
						   .code = failure.code,
						   .transient = failure.transient,
						   .message = failure.message,
						   .detail = failure.detail});
	emit_sample_error(sampling->number, failure.message);
}

void
values_sample(const Request *request, Service *service)
{
	service->timeout = request->sample.relation_timeout;
	for (int i = 0; i < request->sample.relation_count; i++)
	{
		emit_progress("scan", ABSENT);
		attempt_sample(&(Sampling){.request = request, .service = service, .number = i});
	}
}

void
values_read(const Request *request, Service *service)
{
	FileRelations relations = {.items = NULL};
	HttpFailure failure;
	Content content = {.service = service, .schema = request->read.schema, .name = request->read.name};
	FileRelation *relation = open_content(&content, &relations, &failure);

	if (relation == NULL)
		give_up_rows(&failure);
	file_read_relation(&format, request, relation);
	relations_free(&relations);
	close_content(&content);
}
