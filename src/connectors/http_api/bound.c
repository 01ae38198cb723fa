#include "connectors/http_api/bound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/http_api/columns.h"
#include "connectors/service/pushed.h"

static const Condition *
find_equal(const ReadRequest *read, const char *column)
{
	for (int i = 0; read != NULL && i < read->condition_count; i++)
	{
		const Condition *condition = &read->conditions[i];

		if (strcmp(condition->column, column) == 0 && condition->value_count == 1 &&
			(condition->operation == CONDITION_EQUAL || condition->operation == CONDITION_IN) &&
			!condition_has_replacement(condition))
			return condition;
	}
	return NULL;
}

static bool
must_be_bound(const Parameter *parameter)
{
	return parameter->is_required && parameter->place != PARAMETER_ELSEWHERE;
}

const char *
bound_value(const ApiOperation *operation, const ReadRequest *read, const char *name)
{
	const Condition *condition = find_equal(read, name);

	for (int i = 0; condition != NULL && i < operation->parameter_count; i++)
		if (must_be_bound(&operation->parameters[i]) && strcmp(operation->parameters[i].name, name) == 0)
			return condition->values[0];
	return NULL;
}

const char *
bound_lacking(const ApiOperation *operation, const ReadRequest *read)
{
	for (int i = 0; i < operation->parameter_count; i++)
	{
		const Parameter *parameter = &operation->parameters[i];
		bool has_default = json_member(parameter->own, "default") != NULL;

		if (must_be_bound(parameter) && (parameter->place == PARAMETER_PATH || !has_default) &&
			find_equal(read, parameter->name) == NULL)
			return parameter->name;
	}
	return NULL;
}

/* A truth is spelled as in JSON. NULL: the service may read the value in another way. */
static const char *
value_for(const Condition *condition, const char *pg_type)
{
	const char *value = condition->values[0];

	if (pg_type == NULL || strcmp(pg_type, "text") == 0 || strcmp(pg_type, "uuid") == 0)
		return value;
	if (strcmp(pg_type, "boolean") == 0)
		return pushed_is_boolean(value) ? (value[0] == 't' ? "true" : "false") : NULL;
	if (strcmp(pg_type, "integer") == 0 || strcmp(pg_type, "bigint") == 0 || strcmp(pg_type, "numeric") == 0)
		return pushed_is_plain_number(value) ? value : NULL;
	return NULL;
}

/* A parameter means the column of its name if it has its type, too. */
static bool
means(const ApiOperation *operation, const Parameter *parameter, const FileColumn *column)
{
	const char *pg_type;
	char *type;
	bool is_same;

	if (parameter->is_row_filter)
		return true;
	type = schemas_type(operation->api, &parameter->schema, &pg_type);
	is_same = column->type != NULL && strcmp(type, column->type) == 0;
	free(type);
	return is_same;
}

/* Returns whether it was pushed. */
static bool
push_condition(const ApiOperation *operation, const Parameter *parameter, const FileColumn *column,
			   const Condition *condition, UrlQuery *query)
{
	const char *value = value_for(condition, column->pg_type);
	size_t size;
	char *text;

	if (value == NULL || !means(operation, parameter, column))
		return false;
	size = strlen(value) + 8;
	text = allocate(size);
	snprintf(text, size, "%s%s", parameter->is_row_filter ? "eq." : "", value);
	url_query_add(query, parameter->name, text);
	free(text);
	return true;
}

bool
bound_push(const ApiOperation *operation, const FileRelation *relation, const ReadRequest *read,
		   UrlQuery *query)
{
	bool are_any = false;

	for (int i = 0; i < relation->column_count; i++)
	{
		const Parameter *parameter = operation_parameter(operation, relation->columns[i].name);
		const Condition *condition = find_equal(read, relation->columns[i].name);

		if (parameter != NULL && condition != NULL && !must_be_bound(parameter))
			are_any |= push_condition(operation, parameter, &relation->columns[i], condition, query);
	}
	return are_any;
}

void
bound_query(const ApiOperation *operation, const ReadRequest *read, UrlQuery *query)
{
	for (int i = 0; i < operation->parameter_count; i++)
	{
		const Parameter *parameter = &operation->parameters[i];
		const Condition *condition = find_equal(read, parameter->name);

		if (must_be_bound(parameter) && parameter->place == PARAMETER_QUERY && condition != NULL)
			url_query_add(query, parameter->name, condition->values[0]);
	}
}

/* ---- the path ---- */

/* A value that would name another endpoint names nothing of this one. */
static bool
is_path_value(const char *value)
{
	return *value != '\0' && strcmp(value, ".") != 0 && strcmp(value, "..") != 0;
}

char *
bound_path(const ApiOperation *operation, const ReadRequest *read, bool *is_bound)
{
	const char *at = operation->path;
	WireBuffer path = {0};
	bool is_named = true;

	*is_bound = false;
	if (operation->get == NULL)
		return copy_text(at);
	wire_append_text(&path, operation->api->prefix);
	while (*at != '\0')
	{
		size_t length = *at == '{' ? strcspn(at, "}") : 0;
		char name[256];
		const Condition *condition;

		if (length < 2 || at[length] != '}' || length > sizeof(name))
		{
			url_append_escaped(&path, at++, 1, true);
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int) length - 1, at + 1);
		condition = find_equal(read, name);
		is_named &= condition != NULL && is_path_value(condition->values[0]);
		if (is_named)
			url_append_escaped(&path, condition->values[0], strlen(condition->values[0]), false);
		*is_bound = true;
		at += length + 1;
	}
	wire_append(&path, "", 1);
	if (path.failed)
		give_up_out_of_memory();
	if (is_named)
		return path.data;
	wire_free(&path);
	return NULL;
}
