#include "connectors/dynamodb/items.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/deadline.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/dynamodb/keys.h"
#include "connectors/dynamodb/relation.h"
#include "connectors/dynamodb/service_error.h"

/* An expression has 4 KiB at most; with more columns whole items are asked for. */
#define MOST_PROJECTED 300

/* A page of more items is none that the service would give. */
#define MOST_PAGE 10000

/* ---- the request ---- */

static int
add_name(WireBuffer *names, int count, const char *name)
{
	document_separate(names);
	document_literal(names, "\"#c");
	wire_append_integer(names, count);
	document_literal(names, "\":");
	document_string(names, name);
	return count + 1;
}

/* The name of a column, or behind them that of a condition. */
static const char *
projected_name(const ReadRequest *read, int number)
{
	return number < read->column_count ? read->columns[number]
									   : read->conditions[number - read->column_count].column;
}

/* The service refuses a request that names an attribute twice. */
static bool
is_first(const ReadRequest *read, int number)
{
	for (int i = 0; i < number; i++)
		if (strcmp(projected_name(read, i), projected_name(read, number)) == 0)
			return false;
	return true;
}

/* The attributes of the columns and of the conditions; without any, the key says that there is an item. */
static void
add_projection(WireBuffer *body, WireBuffer *names, const Table *table, const ReadRequest *read)
{
	int wanted = read->column_count + read->condition_count;
	int count = 0;

	if (wanted > MOST_PROJECTED)
		return;
	for (int i = 0; i < read->column_count; i++)
		if (strcmp(read->columns[i], WHOLE_ITEM) == 0)
			return;
	for (int i = 0; i < wanted; i++)
		if (is_first(read, i))
			count = add_name(names, count, projected_name(read, i));
	if (count == 0)
		count = add_name(names, count, table->partition_key.name);
	document_member(body, "ProjectionExpression");
	for (int i = 0; i < count; i++)
	{
		wire_append_text(body, i == 0 ? "\"#c" : ",#c");
		wire_append_integer(body, i);
	}
	document_literal(body, "\"");
}

static void
add_number(WireBuffer *body, const char *name, int64_t number)
{
	document_separate(body);
	document_string(body, name);
	document_literal(body, ":");
	wire_append_integer(body, number);
}

static int64_t
page_of(const ItemsWanted *wanted, bool are_all_sent)
{
	const ReadRequest *read = wanted->read;
	int64_t page = wanted->page;

	if (read != NULL && are_all_sent && read->limit != NO_LIMIT)
		page = read->limit;
	else if (read != NULL && read->sample != NO_LIMIT)
		page = read->sample;
	return page < 0 || page > MOST_PAGE ? 0 : page;
}

static void
write_request(Items *items, const ItemsWanted *wanted)
{
	WireBuffer *body = &items->body;
	WireBuffer names = {.data = NULL};
	bool are_all_sent = wanted->read == NULL || wanted->read->condition_count == 0;
	int64_t page;

	document_literal(body, "{");
	document_literal(&names, "{");
	document_text(body, "TableName", items->table->name);
	document_text(body, "ReturnConsumedCapacity", "TOTAL");
	if (wanted->read != NULL)
		add_projection(body, &names, items->table, wanted->read);
	if (wanted->read != NULL && keys_apply(body, &names, items->table, wanted->read, &are_all_sent))
		items->operation = "Query";
	if (names.length > 1)
	{
		document_literal(&names, "}");
		document_member(body, "ExpressionAttributeNames");
		wire_append(body, names.data, names.length);
	}
	page = page_of(wanted, are_all_sent);
	if (page > 0)
		add_number(body, "Limit", page);
	if (wanted->segments > 0)
	{
		add_number(body, "Segment", wanted->segment);
		add_number(body, "TotalSegments", wanted->segments);
	}
	body->failed |= names.failed;
	wire_free(&names);
}

void
items_begin(Items *items, Service *service, const Table *table, const ItemsWanted *wanted)
{
	*items = (Items){.service = service, .table = table, .operation = "Scan"};
	write_request(items, wanted);
}

/* ---- pages ---- */

/* The key of the last item, as it came: an object of attributes. */
static void
add_start(WireBuffer *body, const JsonNode *key)
{
	bool is_open = false;

	document_member(body, "ExclusiveStartKey");
	document_literal(body, "{");
	for (const JsonNode *attribute = key->first; attribute; attribute = attribute->next)
	{
		const JsonNode *content = attribute->kind == JSON_OBJECT ? attribute->first : NULL;

		if (content == NULL || content->kind != JSON_TEXT)
			continue;
		if (is_open)
			document_literal(body, ",");
		is_open = true;
		document_string(body, attribute->name);
		document_literal(body, ":{");
		document_string(body, content->name);
		document_literal(body, ":");
		wire_append_string(body, content->text, content->length);
		document_literal(body, "}");
	}
	document_literal(body, "}");
}

void
items_ask(Items *items)
{
	WireBuffer body = {.data = NULL};

	if (items->call != NULL)
		return;
	wire_append(&body, items->body.data, items->body.length);
	if (items->end != NULL)
		add_start(&body, items->end);
	document_literal(&body, "}");
	body.failed |= items->body.failed;
	items->call = service_begin(items->service, items->operation, &body);
	wire_free(&body);
}

static void
count_units(Items *items, const JsonNode *answer)
{
	const JsonNode *consumed = json_member(json_member(answer, "ConsumedCapacity"), "CapacityUnits");

	if (consumed != NULL && consumed->kind == JSON_NUMBER)
		items->units += strtod(consumed->text, NULL);
}

bool
items_next_page(Items *items, bool *fine, HttpFailure *failure)
{
	JsonTree *answer;
	const JsonNode *root;
	const JsonNode *list;

	*fine = true;
	if (items->has_begun && items->end == NULL)
		return false;
	items_ask(items);
	answer = service_finish(items->call, failure);
	items->call = NULL;
	*fine = answer != NULL;
	if (answer == NULL)
		return false;
	root = json_tree_root(answer);
	list = json_member(root, "Items");
	json_tree_free(items->page);
	items->page = answer;
	items->has_begun = true;
	items->next = list != NULL && list->kind == JSON_ARRAY ? list->first : NULL;
	items->end = json_member(root, "LastEvaluatedKey");
	count_units(items, root);
	return true;
}

/* A table of which much was deleted has pages without items; a service may send such pages for ever. */
const JsonNode *
items_next(Items *items)
{
	Deadline deadline = deadline_after(items->service->endpoint.answer_timeout);
	const JsonNode *item;
	HttpFailure failure;
	bool fine;

	while (items->next == NULL)
	{
		if (!items_next_page(items, &fine, &failure) && fine)
			return NULL;
		if (!fine)
			give_up_rows(&failure);
		if (items->next == NULL && deadline_milliseconds(deadline) == 0)
			give_up_rows(&service_endless);
	}
	item = items->next;
	items->next = item->next;
	items->given++;
	return item;
}

void
items_end(Items *items)
{
	if (items->call != NULL)
		http_abandon(items->call);
	json_tree_free(items->page);
	wire_free(&items->body);
}
