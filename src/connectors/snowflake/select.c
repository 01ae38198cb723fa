#include "connectors/snowflake/select.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/compare.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/value_text.h"
#include "connectors/service/pushed.h"
#include "connectors/sql/quote.h"

#define MOST_PRECISION   38
#define SECONDS_OF_A_DAY 86400
#define MICROSECONDS     1000000

/* More values than these make a statement too long. */
#define MOST_VALUES 1000

static const char *const operators[] = {
	[CONDITION_EQUAL] = " = ",          [CONDITION_NOT_EQUAL] = " <> ", [CONDITION_LESS] = " < ",
	[CONDITION_LESS_OR_EQUAL] = " <= ", [CONDITION_GREATER] = " > ",    [CONDITION_GREATER_OR_EQUAL] = " >= ",
};

static void
append_name(Select *select, const char *name)
{
	sql_quote_name(&select->sql, name, '"', '"');
}

static const ColumnType *
find_type(const SelectWanted *wanted, const char *name)
{
	for (int i = 0; i < wanted->column_count; i++)
		if (strcmp(wanted->columns[i].name, name) == 0)
			return &wanted->columns[i].type;
	return NULL;
}

/* ---- which conditions mean the same ---- */

/* Both sides are brought to as many digits behind the point, for which the column's must leave room. */
static bool
is_comparable_number(const char *text, const ColumnType *type)
{
	const char *point = strchr(text, '.');
	size_t whole = strcspn(text + (*text == '-'), ".");
	size_t fraction = point ? strlen(point + 1) : 0;

	return pushed_is_plain_number(text) && (point == NULL || strchr(point + 1, '.') == NULL) &&
		   strchr(text + 1, '-') == NULL && whole > 0 && (int) fraction <= type->scale &&
		   (int) whole <= MOST_PRECISION - type->scale;
}

static bool
are_comparable_numbers(const Condition *condition, const ColumnType *type)
{
	for (int i = 0; i < condition->value_count; i++)
		if (!is_comparable_number(condition->values[i], type))
			return false;
	return true;
}

static ComparedKind
kind_of_time(const ColumnType *type)
{
	return type->kind == TYPE_DATE        ? COMPARED_DATE
		   : type->kind == TYPE_TIMESTAMP ? COMPARED_TIMESTAMP
										  : COMPARED_TIMESTAMPTZ;
}

static bool
read_time(const char *text, const ColumnType *type, int64_t *number)
{
	ComparedValue value;

	if (!pushed_is_plain_time(text) || !compared_read(kind_of_time(type), text, strlen(text), &value))
		return false;
	*number = value.integer;
	return true;
}

static bool
are_times(const Condition *condition, const ColumnType *type)
{
	int64_t ignored;

	for (int i = 0; i < condition->value_count; i++)
		if (!read_time(condition->values[i], type, &ignored))
			return false;
	return true;
}

static bool
means_the_same(const SelectWanted *wanted, const Condition *condition, const ColumnType *type)
{
	if (condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL)
		return true;
	if (condition->operation > CONDITION_IN || condition->value_count > MOST_VALUES ||
		strcmp(condition->type, type->pg_type ? type->pg_type : "text") != 0)
		return false;
	switch (type->kind)
	{
		case TYPE_TEXT:
			return !wanted->distrusts_texts && !type->has_collation && !pushed_is_order(condition) &&
				   !condition_has_replacement(condition);
		case TYPE_FIXED:
			return are_comparable_numbers(condition, type);
		case TYPE_REAL:
			return !pushed_loses_nan(condition) && pushed_are_all(condition, pushed_is_plain_number);
		case TYPE_BOOLEAN:
			return !pushed_is_order(condition) && pushed_are_all(condition, pushed_is_boolean);
		case TYPE_DATE:
		case TYPE_TIMESTAMP:
		case TYPE_TIMESTAMP_ZONED:
			return are_times(condition, type);
		default:
			return false;
	}
}

/* ---- values ---- */

static void
append_binding(Select *select, const char *value)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", ++select->binding_count);
	document_literal(&select->sql, "?");
	if (select->binding_count > 1)
		document_literal(&select->bindings, ",");
	document_string(&select->bindings, number);
	document_literal(&select->bindings, ":{\"type\":\"TEXT\",\"value\":");
	document_string(&select->bindings, value);
	document_literal(&select->bindings, "}");
}

/* By numbers, which no setting of the account reads in another way. */
static void
append_date(Select *select, int64_t days)
{
	WireBuffer text = {.data = NULL};
	char call[64];
	int year = 1;
	int month = 1;
	int day = 1;

	value_text_date(&text, days - COMPARED_EPOCH);
	wire_append(&text, "", 1);
	if (!text.failed)
		(void) sscanf(text.data, "%d-%d-%d", &year, &month, &day);
	snprintf(call, sizeof(call), "DATE_FROM_PARTS(%d, %d, %d)", year, month, day);
	wire_append_text(&select->sql, call);
	select->sql.failed |= text.failed;
	wire_free(&text);
}

static void
append_timestamp(Select *select, const ColumnType *type, int64_t microseconds)
{
	int64_t since_1970 = microseconds - (int64_t) COMPARED_EPOCH * SECONDS_OF_A_DAY * MICROSECONDS;

	wire_append_text(&select->sql, type->kind == TYPE_TIMESTAMP ? "TO_TIMESTAMP_NTZ(" : "TO_TIMESTAMP_LTZ(");
	wire_append_integer(&select->sql, since_1970);
	document_literal(&select->sql, ", 6)");
}

static void
append_value(Select *select, const ColumnType *type, const char *value)
{
	switch (type->kind)
	{
		case TYPE_TEXT:
			append_binding(select, value);
			break;
		case TYPE_BOOLEAN:
			wire_append_text(&select->sql, value[0] == 't' ? "TRUE" : "FALSE");
			break;
		case TYPE_REAL:
			wire_append_text(&select->sql, value);
			document_literal(&select->sql, "::FLOAT");
			break;
		default:
			wire_append_text(&select->sql, value);
	}
}

/* ---- conditions on times ---- */

static void
append_bound(Select *select, const char *column, const char *operation, const ColumnType *type, int64_t bound)
{
	append_name(select, column);
	wire_append_text(&select->sql, operation);
	if (type->kind == TYPE_DATE)
		append_date(select, bound);
	else
		append_timestamp(select, type, bound);
}

/* The column is that time, or not: one between the time and the next one that PostgreSQL has. */
static void
append_equal(Select *select, const char *column, const ColumnType *type, int64_t time, bool is_negated)
{
	document_literal(&select->sql, "(");
	append_bound(select, column, is_negated ? " < " : " >= ", type, time);
	wire_append_text(&select->sql, is_negated ? " OR " : " AND ");
	append_bound(select, column, is_negated ? " >= " : " < ", type, time + 1);
	document_literal(&select->sql, ")");
}

/* Times are kept with more digits than PostgreSQL has, which are left out when they are read. */
static void
append_times(Select *select, const Condition *condition, const ColumnType *type)
{
	ConditionOperator operation = condition->operation;
	bool is_equal =
		operation == CONDITION_EQUAL || operation == CONDITION_NOT_EQUAL || operation == CONDITION_IN;
	int64_t time = 0;

	if (is_equal)
	{
		document_literal(&select->sql, "(");
		for (int i = 0; i < condition->value_count; i++)
		{
			(void) read_time(condition->values[i], type, &time);
			wire_append_text(&select->sql, i == 0 ? "" : " OR ");
			append_equal(select, condition->column, type, time, operation == CONDITION_NOT_EQUAL);
		}
		document_literal(&select->sql, ")");
		return;
	}
	(void) read_time(condition->values[0], type, &time);
	if (operation == CONDITION_LESS_OR_EQUAL || operation == CONDITION_GREATER)
		time++;
	append_bound(select, condition->column,
				 operation == CONDITION_LESS || operation == CONDITION_LESS_OR_EQUAL ? " < " : " >= ", type,
				 time);
}

/* ---- conditions ---- */

static void
append_values(Select *select, const ColumnType *type, const Condition *condition)
{
	document_literal(&select->sql, " IN (");
	for (int i = 0; i < condition->value_count; i++)
	{
		wire_append_text(&select->sql, i == 0 ? "" : ", ");
		append_value(select, type, condition->values[i]);
	}
	document_literal(&select->sql, ")");
}

static bool
is_time(const ColumnType *type)
{
	return type->kind == TYPE_DATE || type->kind == TYPE_TIMESTAMP || type->kind == TYPE_TIMESTAMP_ZONED;
}

static void
append_condition(Select *select, const Condition *condition, const ColumnType *type)
{
	if (condition->value_count > 0 && is_time(type))
	{
		append_times(select, condition, type);
		return;
	}
	append_name(select, condition->column);
	if (condition->operation == CONDITION_NULL)
		document_literal(&select->sql, " IS NULL");
	else if (condition->operation == CONDITION_NOT_NULL)
		document_literal(&select->sql, " IS NOT NULL");
	else if (condition->operation == CONDITION_IN)
		append_values(select, type, condition);
	else
	{
		wire_append_text(&select->sql, operators[condition->operation]);
		append_value(select, type, condition->values[0]);
	}
}

static void
append_conditions(Select *select, const SelectWanted *wanted)
{
	const ReadRequest *read = wanted->read;

	for (int i = 0; i < read->condition_count; i++)
	{
		const Condition *condition = &read->conditions[i];
		const ColumnType *type = find_type(wanted, condition->column);

		if (type == NULL || !means_the_same(wanted, condition, type))
			continue;
		wire_append_text(&select->sql, select->conditions == 0 ? " WHERE " : " AND ");
		append_condition(select, condition, type);
		select->compares_text |= type->kind == TYPE_TEXT && condition->value_count > 0;
		select->conditions++;
	}
}

/* ---- the statement ---- */

static void
append_relation(Select *select, const SelectWanted *wanted)
{
	append_name(select, wanted->database);
	document_literal(&select->sql, ".");
	append_name(select, wanted->schema);
	document_literal(&select->sql, ".");
	append_name(select, wanted->relation);
}

/* If no column is read, their number counts. */
void
select_write(Select *select, const SelectWanted *wanted)
{
	const ReadRequest *read = wanted->read;
	int64_t most = wanted->most_rows;

	*select = (Select){.conditions = 0};
	document_literal(&select->sql, "SELECT ");
	if (wanted->count == 0)
		document_literal(&select->sql, "COUNT(*)");
	for (int i = 0; i < wanted->count; i++)
	{
		wire_append_text(&select->sql, i == 0 ? "" : ", ");
		append_name(select, wanted->columns[wanted->numbers[i]].name);
	}
	document_literal(&select->sql, " FROM ");
	append_relation(select, wanted);
	if (read != NULL)
		append_conditions(select, wanted);
	if (read != NULL && read->limit != NO_LIMIT && select->conditions == read->condition_count &&
		wanted->count > 0)
		most = read->limit;
	if (most > 0)
	{
		document_literal(&select->sql, " LIMIT ");
		wire_append_integer(&select->sql, most);
	}
	wire_append(&select->sql, "", 1);
	if (select->sql.failed)
		give_up_out_of_memory();
}

void
select_free(Select *select)
{
	wire_free(&select->sql);
	wire_free(&select->bindings);
}
