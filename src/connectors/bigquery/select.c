#include "connectors/bigquery/relation.h"
#include "connectors/bigquery/select.h"

#include <stdio.h>
#include <string.h>

#include "connectors/bigquery/field.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/service/pushed.h"

static const char *const operators[] = {
	[CONDITION_EQUAL] = " = ",          [CONDITION_NOT_EQUAL] = " != ", [CONDITION_LESS] = " < ",
	[CONDITION_LESS_OR_EQUAL] = " <= ", [CONDITION_GREATER] = " > ",    [CONDITION_GREATER_OR_EQUAL] = " >= ",
};

/* A name between backticks, in which a backslash escapes. */
static void
append_name(WireBuffer *out, const char *name)
{
	for (; *name != '\0'; name++)
	{
		if (*name == '`' || *name == '\\')
			document_literal(out, "\\");
		wire_append(out, name, 1);
	}
}

static void
append_quoted(WireBuffer *out, const char *name)
{
	document_literal(out, "`");
	append_name(out, name);
	document_literal(out, "`");
}

static void
append_table(WireBuffer *out, const Service *service, const char *dataset, const ListedTable *table)
{
	document_literal(out, "`");
	append_name(out, service->project);
	document_literal(out, ".");
	append_name(out, dataset);
	document_literal(out, ".");
	append_name(out, table->name);
	document_literal(out, "`");
}

static const JsonNode *
find_field(const JsonTree *description, const char *name)
{
	const JsonNode *fields = description_fields(description);

	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
	{
		const char *given = json_member_text(field, "name");

		if (given != NULL && strcmp(given, name) == 0)
			return field;
	}
	return NULL;
}

/* ---- which conditions mean the same ---- */

static bool
means_the_same(const Condition *condition, const JsonNode *field)
{
	const char *pg_type = field_pg_type(field);

	if (condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL)
		return !field_is_repeated(field);
	if (condition->operation > CONDITION_IN || field_is_repeated(field) ||
		strcmp(condition->type, pg_type ? pg_type : "text") != 0)
		return false;
	switch (field_kind(field))
	{
		case FIELD_STRING:
			return !pushed_is_order(condition) && json_member_text(field, "collation") == NULL &&
				   !condition_has_replacement(condition);
		case FIELD_INTEGER:
		case FIELD_NUMERIC:
			return pushed_are_all(condition, pushed_is_plain_number);
		case FIELD_FLOAT:
			return !pushed_loses_nan(condition) && pushed_are_all(condition, pushed_is_plain_number);
		case FIELD_BOOLEAN:
			return !pushed_is_order(condition) && pushed_are_all(condition, pushed_is_boolean);
		case FIELD_DATE:
		case FIELD_DATETIME:
		case FIELD_TIMESTAMP:
			return pushed_are_all(condition, pushed_is_plain_time);
		default:
			return false;
	}
}

/* ---- parameters ---- */

static const char *
parameter_type(FieldKind kind)
{
	switch (kind)
	{
		case FIELD_INTEGER:
			return "INT64";
		case FIELD_NUMERIC:
			return "BIGNUMERIC";
		case FIELD_FLOAT:
			return "FLOAT64";
		case FIELD_BOOLEAN:
			return "BOOL";
		case FIELD_DATE:
			return "DATE";
		case FIELD_DATETIME:
			return "DATETIME";
		case FIELD_TIMESTAMP:
			return "TIMESTAMP";
		default:
			return "STRING";
	}
}

/* Appends @pN to the text, and its value to the parameters. */
static void
append_parameter(Select *select, int *number, FieldKind kind, const char *value)
{
	char name[16];

	snprintf(name, sizeof(name), "p%d", ++*number);
	document_literal(&select->sql, "@");
	wire_append_text(&select->sql, name);
	document_separate(&select->parameters);
	document_literal(&select->parameters, "{");
	document_text(&select->parameters, "name", name);
	document_member(&select->parameters, "parameterType");
	document_literal(&select->parameters, "{");
	document_text(&select->parameters, "type", parameter_type(kind));
	document_literal(&select->parameters, "},\"parameterValue\":{");
	if (kind == FIELD_BOOLEAN)
		value = value[0] == 't' ? "true" : "false";
	document_text(&select->parameters, "value", value);
	document_literal(&select->parameters, "}}");
}

static void
append_values(Select *select, int *number, FieldKind kind, const Condition *condition)
{
	document_literal(&select->sql, " IN (");
	for (int i = 0; i < condition->value_count; i++)
	{
		wire_append_text(&select->sql, i == 0 ? "" : ", ");
		append_parameter(select, number, kind, condition->values[i]);
	}
	document_literal(&select->sql, ")");
}

static void
append_condition(Select *select, int *number, const Condition *condition, const JsonNode *field)
{
	FieldKind kind = field_kind(field);

	append_quoted(&select->sql, condition->column);
	if (condition->operation == CONDITION_NULL)
		document_literal(&select->sql, " IS NULL");
	else if (condition->operation == CONDITION_NOT_NULL)
		document_literal(&select->sql, " IS NOT NULL");
	else if (condition->operation == CONDITION_IN)
		append_values(select, number, kind, condition);
	else
	{
		wire_append_text(&select->sql, operators[condition->operation]);
		append_parameter(select, number, kind, condition->values[0]);
	}
}

/* ---- the query ---- */

static void
append_columns(Select *select, const JsonTree *description, const int *columns, int count)
{
	const JsonNode *fields = description_fields(description);

	if (count == 0)
		document_literal(&select->sql, "1");
	for (int i = 0; i < count; i++)
	{
		const JsonNode *field = fields->first;

		for (int j = 0; j < columns[i]; j++)
			field = field->next;
		wire_append_text(&select->sql, i == 0 ? "" : ", ");
		append_quoted(&select->sql, json_member_text(field, "name"));
	}
}

static void
append_conditions(Select *select, const JsonTree *description, const ReadRequest *read, const char *before)
{
	int number = 0;

	for (int i = 0; i < read->condition_count; i++)
	{
		const JsonNode *field = find_field(description, read->conditions[i].column);

		if (field == NULL || !means_the_same(&read->conditions[i], field))
			continue;
		wire_append_text(&select->sql, before);
		before = " AND ";
		append_condition(select, &number, &read->conditions[i], field);
		select->conditions++;
	}
}

/* Only shards end in a date; what else begins with the name is another table. */
void
select_write(Select *select, const Service *service, const char *dataset, const ListedTable *table,
			 const JsonTree *description, const int *columns, int count, const ReadRequest *read)
{
	const char *before = " WHERE ";

	*select = (Select){.conditions = 0};
	document_literal(&select->parameters, "[");
	document_literal(&select->sql, "SELECT ");
	append_columns(select, description, columns, count);
	document_literal(&select->sql, " FROM ");
	append_table(&select->sql, service, dataset, table);
	if (table->shards > 0)
	{
		document_literal(&select->sql, " WHERE REGEXP_CONTAINS(_TABLE_SUFFIX, r'^[0-9]{8}$')");
		before = " AND ";
	}
	if (read != NULL)
		append_conditions(select, description, read, before);
	if (read != NULL && read->limit != NO_LIMIT && select->conditions == read->condition_count)
	{
		document_literal(&select->sql, " LIMIT ");
		wire_append_integer(&select->sql, read->limit);
	}
	wire_append(&select->sql, "", 1);
	document_literal(&select->parameters, "]");
	if (select->sql.failed)
		give_up_out_of_memory();
}

void
select_free(Select *select)
{
	wire_free(&select->sql);
	wire_free(&select->parameters);
}

bool
select_lacks_partition(const JsonTree *description, const ReadRequest *read)
{
	const JsonNode *root = json_tree_root(description);
	const JsonNode *by_time = json_member(root, "timePartitioning");
	const char *name = json_member_text(by_time ? by_time : json_member(root, "rangePartitioning"), "field");

	if (!json_member_is_true(root, "requirePartitionFilter") &&
		!json_member_is_true(by_time, "requirePartitionFilter"))
		return false;
	for (int i = 0; name != NULL && i < read->condition_count; i++)
		if (strcmp(read->conditions[i].column, name) == 0 &&
			means_the_same(&read->conditions[i], find_field(description, name)))
			return false;
	return true;
}
