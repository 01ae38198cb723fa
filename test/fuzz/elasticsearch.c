/*
 * elasticsearch.c — what a service of Elasticsearch answers, divided by form feeds: names, mappings, pages of
 * documents; the last one as an error, too. A relation is described, and all its columns are read.
 *
 * Sources: src/connectors/elasticsearch/catalog.c src/connectors/elasticsearch/column.c
 * Sources: src/connectors/elasticsearch/date_format.c src/connectors/elasticsearch/fields.c
 * Sources: src/connectors/elasticsearch/hits.c src/connectors/elasticsearch/mappings.c
 * Sources: src/connectors/elasticsearch/push.c src/connectors/elasticsearch/relation.c
 * Sources: src/connectors/elasticsearch/service_error.c src/connectors/elasticsearch/value.c
 * Sources: src/connectors/elasticsearch/wanted.c src/connectors/http/failure.c
 * Sources: src/connectors/http/message.c src/connectors/http/url.c src/connectors/jsontree
 * Sources: src/connectors/common/compare.c src/connectors/common/input.c src/connectors/common/judge.c
 * Sources: src/connectors/common/memory.c src/connectors/common/read_request.c
 * Sources: src/connectors/common/rows.c src/connectors/common/value_text.c src/wire
 * Sources: src/connectors/common/buffer_text.c
 * Uses: connector http yajl
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/elasticsearch/hits.h"
#include "connectors/elasticsearch/push.h"
#include "connectors/elasticsearch/relation.h"
#include "connectors/elasticsearch/wanted.h"
#include "fuzz.h"

#define MOST_DOCUMENTS 50

static FuzzRest answers;

static size_t
answer_length(void)
{
	const char *end = answers.length > 0 ? memchr(answers.bytes, '\f', answers.length) : NULL;

	return end ? (size_t) (end - answers.bytes) : answers.length;
}

static void
must_be_json(const WireBuffer *text, const char *property)
{
	char fault[128];
	JsonTree *tree = json_tree_read(text->data ? text->data : "", text->length, fault, sizeof(fault));

	fuzz_must(tree != NULL || strstr(fault, "levels") != NULL, property);
	if (tree != NULL)
		json_tree_free(tree);
}

/* In place of connectors/elasticsearch/cluster.c: each question is answered by the next text, which is there
 * for ever if it is the last. */
JsonTree *
cluster_ask(Cluster *cluster, Question *question, HttpFailure *failure, ServiceError *error)
{
	size_t length = answer_length();
	char fault[128];
	JsonTree *tree = json_tree_read(answers.bytes ? answers.bytes : "", length, fault, sizeof(fault));
	ServiceError ignored;

	if (question->body != NULL)
		must_be_json(&(WireBuffer){.data = (char *) question->body, .length = strlen(question->body)},
					 "what is sent is JSON");
	url_query_free(&question->query);
	if (length < answers.length)
		answers = (FuzzRest){.bytes = answers.bytes + length + 1, .length = answers.length - length - 1};
	error = error ? error : &ignored;
	*error = (ServiceError){.status = tree == NULL && length > 0 ? 100 + 4 * (unsigned char) fault[0] : 0};
	*failure = (HttpFailure){
		.step = "query", .code = length % 2 == 0 ? "protocol" : "too_large", .message = "It is no JSON."};
	return tree;
}

JsonTree *
cluster_must_ask(Cluster *cluster, Question *question)
{
	HttpFailure failure;
	JsonTree *tree = cluster_ask(cluster, question, &failure, NULL);

	if (tree == NULL)
		http_failure_report(&failure);
	return tree;
}

void
emit_until_abandoned(void (*abandon)(void))
{
}

static void
check_columns(const Fields *fields)
{
	WireBuffer document = {0};

	wire_append_text(&document, "{");
	columns_append(&document, fields);
	wire_append_text(&document, "}");
	must_be_json(&document, "what describes a relation is JSON");
	wire_free(&document);
}

static void
check_values(const ReadColumn *columns, int count, const JsonNode *hit)
{
	WireBuffer text = {0};

	for (int i = 0; i < count; i++)
	{
		wire_reset(&text);
		if (!value_append(&text, &columns[i], hit))
			continue;
		if (columns[i].form == FORM_JSON)
			must_be_json(&text, "a value of jsonb is JSON");
	}
	wire_free(&text);
}

/* The value of a condition, of any type, as filters of all columns. */
static void
check_filters(const ReadColumn *columns, int count, const Fields *fields)
{
	static const char *const types[] = {"text", "bigint", "double precision", "boolean",
										"timestamp with time zone"};
	static char *values[] = {"1", "2024-01-01 00:00:00+00", "t"};
	WireBuffer filters = {0};

	wire_append_text(&filters, "[");
	for (int i = 0; i < count; i++)
		for (size_t type = 0; type < sizeof(types) / sizeof(types[0]); type++)
		{
			Condition condition = {.column = (char *) columns[i].name,
								   .operation = i % 2 ? CONDITION_LESS : CONDITION_EQUAL,
								   .type = (char *) types[type],
								   .values = &values[type == 3 ? 2 : type / 4],
								   .value_count = 1};
			Judge judge;

			if (!judge_begin(&judge, &condition,
							 columns[i].field ? column_pg_type(fields, columns[i].field) : NULL))
				continue;
			push_condition(&filters, &columns[i], &judge);
			judge_end(&judge);
		}
	wire_append_text(&filters, "]");
	must_be_json(&filters, "filters are JSON");
	wire_free(&filters);
}

static void
check_documents(Cluster *cluster, const ReadColumn *columns, int count)
{
	WireBuffer source = {0};
	WireBuffer wanted = {0};
	HitsRequest request = {.relation = "a", .most = NO_LIMIT};
	const JsonNode *hit;
	Hits *hits;

	wanted_append(&source, &wanted, columns, count);
	request.source = source.data;
	request.fields = wanted.length > 0 ? wanted.data : NULL;
	hits = hits_open(cluster, &request);
	for (int i = 0; i < MOST_DOCUMENTS && (hit = hits_next(hits)) != NULL; i++)
		check_values(columns, count, hit);
	hits_close(hits);
	wire_free(&source);
	wire_free(&wanted);
}

static void
check_error(void)
{
	HttpAnswer answer = {.status = 403};
	HttpFailure failure;
	ServiceError error;

	wire_append(&answer.body, answers.bytes, answer_length());
	service_error_read(&error, &answer);
	service_error_set(&failure, &answer, &error);
	fuzz_must(failure.step && failure.code && failure.message, "a failure has its words");
	http_answer_free(&answer);
}

void
fuzz(const char *bytes, size_t length)
{
	Cluster cluster = {.path_prefix = "", .includes_system = true};
	Fields fields;
	const char *reason;
	ReadColumn *columns;
	int count = 0;

	answers = (FuzzRest){.bytes = bytes, .length = length};
	check_error();
	if (!relation_fields(&cluster, "a", &fields, &reason))
		return;
	check_columns(&fields);
	columns = malloc(((size_t) fields.root.member_count + 1) * sizeof(ReadColumn));
	read_column_set(&columns[count++], &fields, NULL);
	for (const Field *field = fields.root.first; field; field = field->next)
		read_column_set(&columns[count++], &fields, field);
	fuzz_must(count == fields.root.member_count + 1, "columns are counted");
	check_filters(columns, count, &fields);
	check_documents(&cluster, columns, count);
	free(columns);
	fields_free(&fields);
	fuzz_must_have_freed();
}
