/*
 * bigquery.c — what a service of BigQuery answers, divided by form feeds: the description of a table, a row,
 * and an error.
 *
 * Sources: src/connectors/bigquery/field.c src/connectors/bigquery/relation.c
 * Sources: src/connectors/bigquery/select.c src/connectors/bigquery/service_error.c
 * Sources: src/connectors/bigquery/value.c src/connectors/files/format.c
 * Sources: src/connectors/files/storage.c src/connectors/files/unpacked.c
 * Sources: src/connectors/http/base64.c
 * Sources: src/connectors/http/failure.c src/connectors/http/message.c src/connectors/http/url.c
 * Sources: src/connectors/jsontree src/connectors/service src/connectors/common/configuration.c
 * Sources: src/connectors/common/memory.c src/connectors/common/read_request.c
 * Sources: src/connectors/common/rows.c src/connectors/common/value_text.c src/wire
 * Sources: src/connectors/files/file_document.c src/connectors/files/versions.c
 * Sources: src/connectors/common/buffer_text.c
 * Uses: connector http packed yajl
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/bigquery/field.h"
#include "connectors/bigquery/relation.h"
#include "connectors/bigquery/select.h"
#include "connectors/bigquery/service_error.h"
#include "connectors/bigquery/value.h"
#include "fuzz.h"

static FuzzRest answers;

static JsonTree *
next_answer(void)
{
	const char *end = answers.length > 0 ? memchr(answers.bytes, '\f', answers.length) : NULL;
	size_t length = end ? (size_t) (end - answers.bytes) : answers.length;
	char fault[64];
	JsonTree *tree = json_tree_read(answers.bytes, length, fault, sizeof(fault));

	length += end != NULL;
	answers = (FuzzRest){.bytes = answers.bytes + length, .length = answers.length - length};
	return tree;
}

static void
check_relation(const FileRelation *relation)
{
	for (int i = 0; i < relation->column_count; i++)
		fuzz_must(relation->columns[i].name && relation->columns[i].type, "a column has a name and a type");
}

static void
check_query(const JsonTree *description, const ListedTable *table)
{
	Service service = {.project = "a`b"};
	char name[] = "id";
	char type[] = "text";
	char value[] = "x";
	char *values[] = {value};
	Condition condition = {
		.column = name, .operation = CONDITION_EQUAL, .type = type, .values = values, .value_count = 1};
	ReadRequest read = {.conditions = &condition, .condition_count = 1, .limit = 5, .sample = NO_LIMIT};
	Select select;
	char fault[64];
	JsonTree *parameters;

	select_write(&select, &service, "sales", table, description, NULL, 0, &read);
	parameters = json_tree_read(select.parameters.data, select.parameters.length, fault, sizeof(fault));
	fuzz_must(parameters != NULL, "parameters are JSON");
	(void) select_lacks_partition(description, &read);
	json_tree_free(parameters);
	select_free(&select);
}

static void
check_value(const JsonNode *value, const JsonNode *field)
{
	WireBuffer text = {.data = NULL};
	const char *pg_type = field_pg_type(field);
	char fault[64];
	JsonTree *tree;

	if (value_write(&text, value, field) && pg_type != NULL && strcmp(pg_type, "jsonb") == 0 &&
		(field_kind(field) == FIELD_RECORD || field_is_repeated(field)))
	{
		tree = json_tree_read(text.data, text.length, fault, sizeof(fault));
		fuzz_must(tree != NULL || strstr(fault, "levels") != NULL, "nested values are JSON");
		json_tree_free(tree);
	}
	wire_free(&text);
}

static void
check_row(const JsonTree *description)
{
	const JsonNode *fields = description_fields(description);
	JsonTree *row = next_answer();
	const JsonNode *cell = row ? json_member(json_tree_root(row), "f") : NULL;

	cell = cell ? cell->first : NULL;
	for (const JsonNode *field = fields ? fields->first : NULL; field && cell;
		 field = field->next, cell = cell->next)
		check_value(json_member(cell, "v"), field);
	json_tree_free(row);
}

static void
check_error(void)
{
	HttpAnswer answer = {.status = 403};
	HttpFailure failure;
	int64_t line;
	int64_t column;

	wire_append(&answer.body, answers.bytes, answers.length);
	error_set(&failure, &answer);
	fuzz_must(failure.step && failure.code && failure.message, "a failure has its words");
	(void) failure_of_query(&failure, &line, &column);
	(void) error_is_throttling(&answer);
	http_answer_free(&answer);
}

void
fuzz(const char *bytes, size_t length)
{
	ListedTable table = {.name = "orders", .newest = "orders"};
	FileRelations relations = {.items = NULL};
	JsonTree *description;

	answers = (FuzzRest){.bytes = bytes, .length = length};
	description = next_answer();
	if (description != NULL)
	{
		check_relation(relation_of_description(&relations, &table, description));
		relations_free(&relations);
		check_query(description, &table);
		check_row(description);
		json_tree_free(description);
	}
	check_error();
}
