/*
 * conditions.c — whole numbers compare alike everywhere, and null is null. Texts do not: collations, padding
 * and character sets decide. Nor do fractions, which some sources read as floats, nor dates, which have no
 * spelling that all of them read.
 */
#include "connectors/other/conditions.h"

#include <string.h>

#include "connectors/odbc/names.h"

static bool
is_whole_number_type(const char *pg_type)
{
	return pg_type != NULL && (strcmp(pg_type, "smallint") == 0 || strcmp(pg_type, "integer") == 0 ||
							   strcmp(pg_type, "bigint") == 0);
}

/* Eighteen digits fit everywhere where whole numbers are exact. */
static bool
is_whole_number(const char *value)
{
	size_t digits;

	value += *value == '-';
	digits = strspn(value, "0123456789");
	return digits > 0 && digits <= 18 && value[digits] == '\0';
}

static bool
are_whole_numbers(const Condition *condition)
{
	for (int i = 0; i < condition->value_count; i++)
		if (!is_whole_number(condition->values[i]))
			return false;
	return condition->value_count > 0;
}

static bool
is_applicable(const Condition *condition, const char *pg_type)
{
	if (condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL)
		return true;
	return condition->operation != CONDITION_UNKNOWN && is_whole_number_type(pg_type) &&
		   condition->type != NULL && strcmp(condition->type, pg_type) == 0 && are_whole_numbers(condition);
}

bool
condition_write(WireBuffer *sql, const OdbcSession *session, const Condition *condition, const char *pg_type)
{
	static const char *const operators[] = {
		[CONDITION_EQUAL] = " = ",
		[CONDITION_NOT_EQUAL] = " <> ",
		[CONDITION_LESS] = " < ",
		[CONDITION_LESS_OR_EQUAL] = " <= ",
		[CONDITION_GREATER] = " > ",
		[CONDITION_GREATER_OR_EQUAL] = " >= ",
		[CONDITION_IN] = " IN (",
		[CONDITION_NULL] = " IS NULL",
		[CONDITION_NOT_NULL] = " IS NOT NULL",
	};

	if (!is_applicable(condition, pg_type) || !odbc_write_name(sql, session, condition->column))
		return false;
	wire_append_text(sql, operators[condition->operation]);
	if (condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL)
		return true;
	for (int i = 0; i < condition->value_count; i++)
	{
		wire_append_text(sql, i == 0 ? "" : ", ");
		wire_append_text(sql, condition->values[i]);
	}
	wire_append_text(sql, condition->operation == CONDITION_IN ? ")" : "");
	return true;
}
