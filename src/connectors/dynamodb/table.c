#include "connectors/dynamodb/table.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define NAMES_OF_PAGE 100

/* ---- names ---- */

static bool
refuse_page(HttpFailure *failure)
{
	*failure = (HttpFailure){.step = "query",
							 .code = "protocol",
							 .message = "The service's list of tables goes on without end, or is none."};
	return false;
}

static JsonTree *
ask_page(Service *service, const char *after, int most, HttpFailure *failure)
{
	WireBuffer body = {.data = NULL};
	JsonTree *answer;

	document_literal(&body, "{\"Limit\":");
	wire_append_integer(&body, most < NAMES_OF_PAGE ? most : NAMES_OF_PAGE);
	document_text(&body, "ExclusiveStartTableName", after);
	document_literal(&body, "}");
	answer = service_finish(service_begin(service, "ListTables", &body), failure);
	wire_free(&body);
	return answer;
}

static bool
take_page(TableNames *names, const JsonTree *answer, HttpFailure *failure)
{
	const JsonNode *list = json_member(json_tree_root(answer), "TableNames");

	if (list == NULL || list->kind != JSON_ARRAY)
		return refuse_page(failure);
	names->items =
		reallocate(names->items, ((size_t) names->count + (size_t) list->count) * sizeof(char *) + 1);
	for (const JsonNode *name = list->first; name; name = name->next)
		if (json_text(name) != NULL)
			names->items[names->count++] = copy_text(json_text(name));
	return true;
}

/* Each page begins behind the last name of the one before, so a service that repeats itself comes to an end.
 */
bool
table_names_read(TableNames *names, Service *service, int most, HttpFailure *failure)
{
	char *after = NULL;
	bool fine = true;

	*names = (TableNames){0};
	do
	{
		JsonTree *answer = ask_page(service, after, most, failure);
		const char *last;
		int before = names->count;

		fine = answer != NULL && take_page(names, answer, failure);
		last = fine ? json_member_text(json_tree_root(answer), "LastEvaluatedTableName") : NULL;
		if (last != NULL && (names->count == before || (after != NULL && strcmp(after, last) == 0)))
			fine = refuse_page(failure);
		free(after);
		after = last != NULL ? copy_text(last) : NULL;
		json_tree_free(answer);
	} while (fine && after != NULL && names->count < most);
	names->has_more = after != NULL;
	free(after);
	return fine;
}

void
table_names_free(TableNames *names)
{
	for (int i = 0; i < names->count; i++)
		free(names->items[i]);
	free(names->items);
}

/* ---- descriptions ---- */

static bool
find_type(const JsonNode *description, const char *name, AttributeType *type)
{
	const JsonNode *definitions = json_member(description, "AttributeDefinitions");

	for (const JsonNode *each = definitions ? definitions->first : NULL; each; each = each->next)
	{
		const char *defined = json_member_text(each, "AttributeName");

		if (defined != NULL && strcmp(defined, name) == 0)
			return attribute_key_type(json_member_text(each, "AttributeType"), type);
	}
	return false;
}

static bool
take_keys(Table *table)
{
	const JsonNode *schema = json_member(table->description, "KeySchema");

	for (const JsonNode *each = schema ? schema->first : NULL; each; each = each->next)
	{
		const char *name = json_member_text(each, "AttributeName");
		const char *role = json_member_text(each, "KeyType");
		TableKey *key = role && strcmp(role, "RANGE") == 0 ? &table->sort_key : &table->partition_key;

		if (name == NULL || !find_type(table->description, name, &key->type))
			return false;
		key->name = name;
	}
	return table->partition_key.name != NULL;
}

const char *
table_state(const Table *table)
{
	const char *state = json_member_text(table->description, "TableStatus");

	return state ? state : "UNKNOWN";
}

/* Only these tables answer to Scan. */
static bool
is_readable(const Table *table)
{
	static const char *const states[] = {"ACTIVE", "UPDATING", "ARCHIVING"};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(states[i], table_state(table)) == 0)
			return true;
	return false;
}

static HttpPending *
ask_about(Service *service, const char *operation, const char *name)
{
	WireBuffer body = {.data = NULL};
	HttpPending *call;

	document_literal(&body, "{");
	document_text(&body, "TableName", name);
	document_literal(&body, "}");
	call = service_begin(service, operation, &body);
	wire_free(&body);
	return call;
}

void
table_ask(Table *table, Service *service, const char *name)
{
	*table = (Table){.name = name, .description_call = ask_about(service, "DescribeTable", name)};
}

bool
table_take(Table *table, HttpFailure *failure)
{
	table->answer = service_finish(table->description_call, failure);
	table->description_call = NULL;
	if (table->answer == NULL)
		return false;
	table->description = json_member(json_tree_root(table->answer), "Table");
	if (table->description != NULL && take_keys(table))
	{
		table->is_readable = is_readable(table);
		return true;
	}
	*failure = (HttpFailure){
		.step = "query", .code = "protocol", .message = "The service's description of the table has no key."};
	table_free(table);
	return false;
}

bool
table_describe(Table *table, Service *service, const char *name, HttpFailure *failure)
{
	table_ask(table, service, name);
	return table_take(table, failure);
}

void
table_ask_time_to_live(Table *table, Service *service)
{
	table->time_to_live_call = ask_about(service, "DescribeTimeToLive", table->name);
}

void
table_take_time_to_live(Table *table)
{
	HttpFailure failure;

	table->time_to_live = service_finish(table->time_to_live_call, &failure);
	table->time_to_live_call = NULL;
	if (table->time_to_live != NULL)
		return;
	messages_are_of(table->name);
	emit_log("info", "the service does not tell the attribute that says when items expire");
	messages_are_of(NULL);
}

void
table_free(Table *table)
{
	json_tree_free(table->answer);
	json_tree_free(table->time_to_live);
	*table = (Table){0};
}
