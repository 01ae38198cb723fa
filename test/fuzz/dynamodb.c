/*
 * dynamodb.c — what a service of DynamoDB answers, divided by form feeds: the description of a table, then
 * pages of items; the last one as an error, too. A sample is read of them, and all items.
 *
 * Sources: src/connectors/dynamodb/attribute.c src/connectors/dynamodb/items.c
 * Sources: src/connectors/dynamodb/keys.c src/connectors/dynamodb/relation.c
 * Sources: src/connectors/dynamodb/service_error.c src/connectors/dynamodb/table.c
 * Sources: src/connectors/files/format.c src/connectors/files/storage.c
 * Sources: src/connectors/http/base64.c src/connectors/http/failure.c src/connectors/http/message.c
 * Sources: src/connectors/http/url.c src/connectors/inference src/connectors/jsontree
 * Sources: src/connectors/service
 * Sources: src/connectors/common/configuration.c src/connectors/common/memory.c
 * Sources: src/connectors/common/read_request.c src/connectors/common/value_text.c
 * Sources: src/connectors/common/rows.c src/connectors/files/unpacked.c src/wire
 * Sources: src/connectors/files/file_document.c src/connectors/files/versions.c
 * Sources: src/connectors/common/buffer_text.c
 * Uses: connector http packed yajl
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/dynamodb/relation.h"
#include "connectors/dynamodb/service_error.h"
#include "fuzz.h"

static FuzzRest answers;

static size_t
answer_length(void)
{
	const char *end = answers.length > 0 ? memchr(answers.bytes, '\f', answers.length) : NULL;

	return end ? (size_t) (end - answers.bytes) : answers.length;
}

/* Attributes that are asked for are called #c and a number. */
static void
check_names(const JsonNode *names)
{
	for (const JsonNode *a = names ? names->first : NULL; a; a = a->next)
		for (const JsonNode *b = a->next; b; b = b->next)
			fuzz_must(strncmp(a->name, "#c", 2) != 0 || strncmp(b->name, "#c", 2) != 0 ||
						  strcmp(a->text, b->text) != 0,
					  "no attribute is asked for twice");
}

/* In place of connectors/dynamodb/service.c: each call is answered by the next text, which is there for ever
 * if it is the last. */
struct HttpPending
{
	bool is_under_way;
};

HttpPending *
service_begin(Service *service, const char *operation, const WireBuffer *body)
{
	HttpPending *call = allocate(sizeof(HttpPending));
	char fault[64];
	JsonTree *sent = json_tree_read(body->data, body->length, fault, sizeof(fault));

	fuzz_must(sent != NULL, "what is sent is JSON");
	check_names(json_member(json_tree_root(sent), "ExpressionAttributeNames"));
	json_tree_free(sent);
	call->is_under_way = true;
	return call;
}

void
http_abandon(HttpPending *call)
{
	fuzz_must(call->is_under_way, "a call ends once");
	free(call);
}

JsonTree *
service_finish(HttpPending *call, HttpFailure *failure)
{
	size_t length = answer_length();
	char fault[64];
	JsonTree *tree = json_tree_read(answers.bytes, length, fault, sizeof(fault));

	http_abandon(call);
	if (length < answers.length)
		answers = (FuzzRest){.bytes = answers.bytes + length + 1, .length = answers.length - length - 1};
	*failure = (HttpFailure){.step = "query", .code = "protocol", .message = "It is no JSON."};
	if (tree == NULL || json_tree_root(tree)->kind == JSON_OBJECT)
		return tree;
	json_tree_free(tree);
	return NULL;
}

static void
check_relation(const FileRelation *relation)
{
	fuzz_must(relation->column_count > 0 && relation->columns[0].not_null, "a relation has its key");
	for (int i = 0; i < relation->column_count; i++)
		fuzz_must(relation->columns[i].name && relation->columns[i].type, "a column has a name and a type");
}

static void
check_item(const JsonNode *item)
{
	WireBuffer text = {.data = NULL};
	char fault[64];
	JsonTree *tree;

	item_write(&text, item);
	tree = json_tree_read(text.data, text.length, fault, sizeof(fault));
	fuzz_must(tree != NULL || strstr(fault, "levels") != NULL, "an item is JSON");
	json_tree_free(tree);
	for (const JsonNode *value = item->first; value; value = value->next)
	{
		wire_reset(&text);
		(void) attribute_write(&text, value);
	}
	wire_free(&text);
}

static void
check_items(Service *service, const Table *table)
{
	char name[] = "id";
	char type[] = "text";
	char value[] = "x";
	char *columns[] = {name};
	char *values[] = {value};
	Condition condition = {
		.column = name, .operation = CONDITION_EQUAL, .type = type, .values = values, .value_count = 1};
	ReadRequest read = {.columns = columns,
						.column_count = 1,
						.conditions = &condition,
						.condition_count = 1,
						.limit = NO_LIMIT,
						.sample = NO_LIMIT};
	const JsonNode *item;
	HttpFailure failure;
	Items items;
	bool fine;

	items_begin(&items, service, table, &(ItemsWanted){.read = &read});
	for (int page = 0; page < 4 && items_next_page(&items, &fine, &failure); page++)
		for (item = items.next; item; item = item->next)
			check_item(item);
	items_end(&items);
}

static void
check_error(void)
{
	HttpAnswer answer = {.status = 400};
	HttpFailure failure;

	wire_append(&answer.body, answers.bytes, answer_length());
	error_set(&failure, &answer);
	fuzz_must(failure.step && failure.code && failure.message, "a failure has its words");
	fuzz_must(error_is_throttling(&answer) == failure.transient, "who throttles asks to come again");
	http_answer_free(&answer);
}

void
fuzz(const char *bytes, size_t length)
{
	Service service = {.region = "us-east-1", .endpoint = {.answer_timeout = 1}};
	FileRelations relations = {.items = NULL};
	HttpFailure failure;
	Sampled sampled;
	Table table;

	answers = (FuzzRest){.bytes = bytes, .length = length};
	if (table_describe(&table, &service, "shop", &failure))
	{
		table_ask_time_to_live(&table, &service);
		table_take_time_to_live(&table);
		sampled_ask(&sampled, &service, &table);
		if (sampled_take(&sampled, &failure))
		{
			check_relation(relation_of_table(&relations, &table, &sampled));
			relations_free(&relations);
			sampled_free(&sampled);
		}
		check_items(&service, &table);
		table_free(&table);
	}
	check_error();
}
