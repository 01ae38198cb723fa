#include "connectors/dynamodb/keys.h"

#include <string.h>

#include "connectors/common/document.h"

/* Values beyond these the service refuses as keys; then items are compared here. */
#define MOST_KEY_BYTES  1024
#define MOST_KEY_DIGITS 38

static const char *const operators[] = {[CONDITION_EQUAL] = "=",
										[CONDITION_LESS] = "<",
										[CONDITION_GREATER] = ">",
										[CONDITION_LESS_OR_EQUAL] = "<=",
										[CONDITION_GREATER_OR_EQUAL] = ">="};

static bool
is_plain_number(const char *text)
{
	return strspn(text, "0123456789.-") == strlen(text) && strlen(text) <= MOST_KEY_DIGITS;
}

/* Does the service compare such a key with the condition's value as PostgreSQL does? Texts it orders by
 * bytes. */
static bool
is_the_same(const Condition *condition, const TableKey *key)
{
	const char *value;

	if (key->name == NULL || strcmp(condition->column, key->name) != 0 ||
		condition->operation > CONDITION_GREATER_OR_EQUAL || operators[condition->operation] == NULL)
		return false;
	value = condition->values[0];
	if (key->type == ATTRIBUTE_NUMBER)
		return strcmp(condition->type, "numeric") == 0 && is_plain_number(value);
	return key->type == ATTRIBUTE_STRING && strcmp(condition->type, "text") == 0 &&
		   condition->operation == CONDITION_EQUAL && value[0] != '\0' && strlen(value) <= MOST_KEY_BYTES &&
		   !condition_has_replacement(condition);
}

static const Condition *
find_partition(const Table *table, const ReadRequest *read)
{
	for (int i = 0; i < read->condition_count; i++)
		if (read->conditions[i].operation == CONDITION_EQUAL &&
			is_the_same(&read->conditions[i], &table->partition_key))
			return &read->conditions[i];
	return NULL;
}

/* The first one: the service takes one comparison. */
static const Condition *
find_sort(const Table *table, const ReadRequest *read)
{
	for (int i = 0; i < read->condition_count; i++)
		if (is_the_same(&read->conditions[i], &table->sort_key))
			return &read->conditions[i];
	return NULL;
}

static void
add_value(WireBuffer *body, const char *name, const TableKey *key, const Condition *condition)
{
	document_separate(body);
	document_string(body, name);
	wire_append_text(body, key->type == ATTRIBUTE_NUMBER ? ":{\"N\":" : ":{\"S\":");
	document_string(body, condition->values[0]);
	document_literal(body, "}");
}

static void
add_name(WireBuffer *names, const char *name, const char *attribute)
{
	document_separate(names);
	document_string(names, name);
	document_literal(names, ":");
	document_string(names, attribute);
}

bool
keys_apply(WireBuffer *body, WireBuffer *names, const Table *table, const ReadRequest *read, bool *are_all)
{
	const Condition *partition = find_partition(table, read);
	const Condition *sort = find_sort(table, read);

	if (partition == NULL)
		return false;
	document_member(body, "KeyConditionExpression");
	document_literal(body, "\"#p = :p");
	add_name(names, "#p", table->partition_key.name);
	if (sort != NULL)
	{
		document_literal(body, " AND #s ");
		wire_append_text(body, operators[sort->operation]);
		document_literal(body, " :s");
		add_name(names, "#s", table->sort_key.name);
	}
	document_literal(body, "\"");
	document_member(body, "ExpressionAttributeValues");
	document_literal(body, "{");
	add_value(body, ":p", &table->partition_key, partition);
	if (sort != NULL)
		add_value(body, ":s", &table->sort_key, sort);
	document_literal(body, "}");
	*are_all = read->condition_count == 1 + (sort != NULL);
	return true;
}
