/*
 * snowflake.c — what a service of Snowflake's SQL API answers, divided by form feeds: lists of a schema and
 * their members, from which relations are described; rows of one of them; the last one as an error, too.
 *
 * Sources: src/connectors/snowflake/catalog.c src/connectors/snowflake/column_type.c
 * Sources: src/connectors/snowflake/describe.c src/connectors/snowflake/result.c
 * Sources: src/connectors/snowflake/select.c src/connectors/snowflake/service_error.c
 * Sources: src/connectors/snowflake/shown.c src/connectors/snowflake/statement.c
 * Sources: src/connectors/snowflake/value.c src/connectors/service
 * Sources: src/connectors/sql/arena.c src/connectors/sql/members.c src/connectors/sql/quote.c
 * Sources: src/connectors/sql/rows.c
 * Sources: src/connectors/http/failure.c src/connectors/http/message.c src/connectors/http/url.c
 * Sources: src/connectors/jsontree src/connectors/common/compare.c src/connectors/common/input.c
 * Sources: src/connectors/common/memory.c src/connectors/common/read_request.c
 * Sources: src/connectors/common/rows.c src/connectors/common/value_text.c src/wire
 * Uses: connector http yajl
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/snowflake/describe.h"
#include "connectors/snowflake/select.h"
#include "connectors/snowflake/service_error.h"
#include "connectors/snowflake/statement.h"
#include "connectors/snowflake/value.h"
#include "fuzz.h"

static FuzzRest answers;

static size_t
answer_length(void)
{
	const char *end = answers.length > 0 ? memchr(answers.bytes, '\f', answers.length) : NULL;

	return end ? (size_t) (end - answers.bytes) : answers.length;
}

/* ---- in place of connectors/snowflake/service.c: each request is answered by the next text ---- */

static bool
give_answer(HttpAnswer *answer, HttpFailure *failure)
{
	size_t length = answer_length();

	*answer = (HttpAnswer){.status = 200};
	*failure = (HttpFailure){.step = "query", .code = "unreachable", .message = "There is no answer."};
	if (answers.length == 0)
		return false;
	wire_append(&answer->body, answers.bytes, length);
	length += length < answers.length;
	answers = (FuzzRest){.bytes = answers.bytes + length, .length = answers.length - length};
	return true;
}

struct HttpPending
{
	bool is_under_way;
};

void
service_begin(Service *service, Submission *submission)
{
	char fault[64];
	JsonTree *sent = json_tree_read(submission->body->data, submission->body->length, fault, sizeof(fault));

	fuzz_must(sent != NULL, "what is sent is JSON");
	json_tree_free(sent);
	submission->pending = allocate(sizeof(HttpPending));
	submission->pending->is_under_way = true;
}

void
http_abandon(HttpPending *pending)
{
	fuzz_must(pending->is_under_way, "a request ends once");
	free(pending);
}

bool
service_finish(Service *service, Submission *submission, HttpAnswer *answer, HttpFailure *failure)
{
	http_abandon(submission->pending);
	return give_answer(answer, failure);
}

bool
service_ask(Service *service, const char *handle, int partition, HttpAnswer *answer, HttpFailure *failure)
{
	fuzz_must(strpbrk(handle, "/?#%. ") == NULL, "a handle is no path");
	return give_answer(answer, failure);
}

void
service_cancel(Service *service, const char *handle)
{
}

/* ---- relations ---- */

static void
check_relation(const Catalog *catalog, const char *const *row, bool is_view)
{
	SqlArena arena = {0};
	SqlRelation relation;

	describe_relation(&relation, &arena, catalog, row, "SHOP", is_view);
	for (int i = 0; i < relation.column_count; i++)
		fuzz_must(relation.columns[i].name && relation.columns[i].type, "a column has a name and a type");
	for (int i = 0; i < relation.unique_count; i++)
		for (int j = 0; j < relation.uniques[i].columns.count; j++)
			fuzz_must(relation.uniques[i].columns.items[j] != NULL, "lists of names have names");
	for (int i = 0; i < relation.foreign_key_count; i++)
		for (int j = 0; j < relation.foreign_keys[i].referenced.count; j++)
			fuzz_must(relation.foreign_keys[i].referenced.items[j] != NULL, "lists of names have names");
	sql_arena_free(&arena);
}

static void
check_catalog(Service *service)
{
	Catalog catalog = {.tables = {0}};
	HttpFailure failure;

	if (catalog_read_relations(&catalog, service, "SALES", &failure) &&
		catalog_read_members(&catalog, service, "SALES", &failure))
	{
		for (size_t i = 0; i < catalog.tables.count; i++)
		{
			MembersAsked asked;

			catalog_ask_members(&asked, &catalog, service, "SALES", "R", false);
			if (catalog_take_members(&catalog, &asked, &failure))
				check_relation(&catalog, catalog.tables.items[i], false);
		}
		for (size_t i = 0; i < catalog.views.count; i++)
			check_relation(&catalog, catalog.views.items[i], true);
	}
	catalog_free(&catalog);
}

/* ---- rows ---- */

static void
check_select(const ColumnType *type)
{
	static const char *const values[] = {"1", "x", "2024-02-29", "2024-02-29 12:00:00+01", "true"};
	SelectColumn column = {.name = "a\"b", .type = *type};
	int number = 0;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
	{
		char *value = (char *) values[i];
		Condition condition = {.column = (char *) column.name,
							   .operation = CONDITION_EQUAL,
							   .type = (char *) (type->pg_type ? type->pg_type : "text"),
							   .values = &value,
							   .value_count = 1};
		ReadRequest read = {.conditions = &condition, .condition_count = 1, .limit = 5, .sample = NO_LIMIT};
		SelectWanted wanted = {.database = "D",
							   .schema = "S",
							   .relation = "R",
							   .columns = &column,
							   .column_count = 1,
							   .numbers = &number,
							   .count = 1,
							   .read = &read};
		Select select;

		select_write(&select, &wanted);
		fuzz_must((strstr(select.sql.data, " LIMIT ") != NULL) == (select.conditions == 1),
				  "a limit is pushed with all conditions");
		select_free(&select);
	}
}

static void
check_value(WireBuffer *text, const Cell *cell, const ColumnType *type)
{
	wire_reset(text);
	if (!value_write(text, cell, type) || text->length == 0)
		return;
	fuzz_must(memchr(text->data, '\0', text->length) == NULL, "no value has a NUL in it");
	for (size_t at = 0; at < text->length;)
	{
		size_t length = wire_utf8_length(text->data + at, text->length - at);

		fuzz_must(length > 0, "values are UTF-8");
		at += length;
	}
}

static void
check_rows(Service *service)
{
	WireBuffer text = {.data = NULL};
	HttpFailure failure;
	const Cell *cells;
	Result result;
	ColumnType type;

	if (!statement_run(&result, service, &(Statement){.sql = "SELECT 1", .is_async = true}, &failure))
		return;
	for (int i = 0; i < result.column_count && i < 10; i++)
	{
		column_type_read(&type, result_column(&result, i));
		check_select(&type);
	}
	while ((cells = result_next(&result, &failure)) != NULL)
		for (int i = 0; i < result.column_count; i++)
		{
			column_type_read(&type, result_column(&result, i));
			check_value(&text, &cells[i], &type);
		}
	result_end(&result);
	wire_free(&text);
}

static void
check_error(const char *bytes, size_t length)
{
	HttpAnswer answer = {.status = 422};
	HttpFailure failure;

	wire_append(&answer.body, bytes, length);
	error_set(&failure, &answer);
	fuzz_must(failure.step && failure.code && failure.message, "a failure has its words");
	http_answer_free(&answer);
}

void
fuzz(const char *bytes, size_t length)
{
	Service service = {.database = "SHOP"};

	fuzz_must_have_freed();
	answers = (FuzzRest){.bytes = bytes, .length = length};
	if (fuzz_byte(&answers) % 2 == 0)
		check_catalog(&service);
	check_rows(&service);
	check_error(bytes, length);
}
