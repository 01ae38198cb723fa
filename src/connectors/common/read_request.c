/*
 * read_request.c — reads the members `read` and `query`. Strictly: what is misread here would be a wrong row.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/read_request.h"
#include "connectors/common/rows.h"

static const char no_text[] = "a name, text or value of the member read or query is missing or is no text";
static const char no_array[] = "columns, conditions or values are missing or are no array";
static const char no_number[] = "limit or sample is no number, or a negative one";

/* Takes a text that must be there. */
static bool
take_text(WireSpan value, char **text)
{
	if (value.start == NULL || value.start[0] != '"')
		return false;
	*text = wire_string_dup(value);
	if (*text == NULL)
		give_up_out_of_memory();
	return true;
}

/* Takes an array of texts that must be there. */
static const char *
take_texts(WireSpan value, char ***texts, int *count)
{
	WireSpan element;

	if (value.start == NULL || value.start[0] != '[')
		return no_array;
	while (wire_array_next(&value, &element))
	{
		/* The capacity is the next power of two. */
		if ((*count & (*count - 1)) == 0)
			*texts = reallocate(*texts, (size_t) (*count == 0 ? 1 : *count * 2) * sizeof(char *));
		if (!take_text(element, &(*texts)[*count]))
			return no_text;
		(*count)++;
	}
	return NULL;
}

static const char *
take_limit(WireSpan value, int64_t *limit)
{
	*limit = NO_LIMIT;
	if (value.start != NULL && (!wire_integer(value, limit) || *limit < 0))
		return no_number;
	return NULL;
}

static ConditionOperator
operator_named(const char *name)
{
	static const char *const names[] = {"=", "<>", "<", "<=", ">", ">=", "in", "is null", "is not null"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return (ConditionOperator) i;
	return CONDITION_UNKNOWN;
}

static const char *
take_values(Condition *condition, const WireObject *members)
{
	const char *fault;

	if (condition->operation >= CONDITION_NULL)
		return NULL;
	if (!take_text(wire_member(members, "type"), &condition->type))
		return no_text;
	if (condition->operation != CONDITION_IN)
	{
		condition->values = allocate(sizeof(char *));
		if (!take_text(wire_member(members, "value"), &condition->values[0]))
			return no_text;
		condition->value_count = 1;
		return NULL;
	}
	fault = take_texts(wire_member(members, "values"), &condition->values, &condition->value_count);
	return fault == NULL && condition->value_count == 0 ? "a condition `in` has no values" : fault;
}

static const char *
take_condition(ReadRequest *read, WireSpan span)
{
	Condition *condition;
	WireObject members;
	char *operation;

	if (wire_object_scan(span.start, span.length, &members) != NULL)
		return "a condition is no object";
	read->conditions = reallocate(read->conditions, (size_t) (read->condition_count + 1) * sizeof(Condition));
	condition = &read->conditions[read->condition_count++];
	*condition = (Condition){0};
	if (!take_text(wire_member(&members, "column"), &condition->column) ||
		!take_text(wire_member(&members, "op"), &operation))
		return no_text;
	condition->operation = operator_named(operation);
	free(operation);
	return take_values(condition, &members);
}

static void
free_texts(char **texts, int count)
{
	for (int i = 0; i < count; i++)
		free(texts[i]);
	free(texts);
}

static const char *
take_types(ReadRequest *read, WireSpan value)
{
	const char *fault;
	int count = 0;

	if (value.start == NULL)
		return NULL;
	fault = take_texts(value, &read->types, &count);
	if (fault == NULL && count == read->column_count)
		return NULL;
	free_texts(read->types, count);
	read->types = NULL;
	return fault ? fault : "there are not as many types as columns";
}

static const char *
take_conditions(ReadRequest *read, WireSpan value)
{
	const char *fault = NULL;
	WireSpan element;

	if (value.start != NULL && value.start[0] != '[')
		return no_array;
	while (fault == NULL && wire_array_next(&value, &element))
		fault = take_condition(read, element);
	return fault;
}

static const char *
take_relation(ReadRequest *read, WireSpan span)
{
	WireObject members;
	WireSpan id;

	if (span.start == NULL || wire_object_scan(span.start, span.length, &members) != NULL)
		return "the relation to read is missing";
	id = wire_member(&members, "id");
	if (!take_text(wire_member(&members, "schema"), &read->schema) ||
		!take_text(wire_member(&members, "name"), &read->name) ||
		(id.start != NULL && !take_text(id, &read->id)))
		return no_text;
	return NULL;
}

const char *
read_request_take(ReadRequest *read, WireSpan span)
{
	const char *fault;
	WireObject members;

	*read = (ReadRequest){0};
	if (span.start == NULL || wire_object_scan(span.start, span.length, &members) != NULL)
		return "the member read is missing";
	fault = take_relation(read, wire_member(&members, "relation"));
	if (fault == NULL)
		fault = take_texts(wire_member(&members, "columns"), &read->columns, &read->column_count);
	if (fault == NULL)
		fault = take_types(read, wire_member(&members, "types"));
	if (fault == NULL)
		fault = take_conditions(read, wire_member(&members, "conditions"));
	if (fault == NULL)
		fault = take_limit(wire_member(&members, "limit"), &read->limit);
	if (fault == NULL)
		fault = take_limit(wire_member(&members, "sample"), &read->sample);
	return fault;
}

const char *
query_request_take(QueryRequest *query, WireSpan span)
{
	WireObject members;
	WireSpan check_only;

	*query = (QueryRequest){0};
	if (span.start == NULL || wire_object_scan(span.start, span.length, &members) != NULL)
		return "the member query is missing";
	if (!take_text(wire_member(&members, "text"), &query->text))
		return no_text;
	check_only = wire_member(&members, "check_only");
	if (check_only.start != NULL && !wire_boolean(check_only, &query->check_only))
		return "check_only is neither true nor false";
	return take_limit(wire_member(&members, "limit"), &query->limit);
}

void
read_request_free(ReadRequest *read)
{
	for (int i = 0; i < read->condition_count; i++)
	{
		free(read->conditions[i].column);
		free(read->conditions[i].type);
		free_texts(read->conditions[i].values, read->conditions[i].value_count);
	}
	free(read->conditions);
	free_texts(read->columns, read->column_count);
	free_texts(read->types, read->types ? read->column_count : 0);
	free(read->schema);
	free(read->name);
	free(read->id);
	*read = (ReadRequest){0};
}

void
query_request_free(QueryRequest *query)
{
	free(query->text);
	*query = (QueryRequest){0};
}

void
give_up_changed(const char *message, const char *detail)
{
	give_up(&(Failure){.step = "query",
					   .code = "relation_changed",
					   .message = message,
					   .detail = detail,
					   .hint = "Discover the data source again."});
}

bool
condition_has_replacement(const Condition *condition)
{
	for (int i = 0; i < condition->value_count; i++)
		if (strstr(condition->values[i], ROWS_REPLACEMENT) != NULL)
			return true;
	return false;
}
