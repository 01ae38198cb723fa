/*
 * conditions.c — numbers are exact up to 38 digits. Texts are equal if their bytes are, where the session
 * says so; their order is another one. Moments before Oracle's calendar changed, in 1582, have other days.
 */
#include "connectors/oracle/conditions.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/oracle/types.h"
#include "connectors/sql/quote.h"

#define DIGITS      "0123456789"
#define MOST_DIGITS 38
#define FIRST_YEAR  1583

static bool
is_number(const char *value)
{
	size_t whole;
	size_t fraction = 0;

	value += *value == '-';
	whole = strspn(value, DIGITS);
	value += whole;
	if (*value == '.')
	{
		fraction = strspn(value + 1, DIGITS);
		value += fraction + 1;
	}
	return whole > 0 && whole + fraction <= MOST_DIGITS && *value == '\0';
}

/* YYYY-MM-DD HH:MI:SS, with up to six digits of a fraction. */
static bool
is_moment(const char *value)
{
	static const char form[] = "dddd-dd-dd dd:dd:dd";
	size_t i;

	for (i = 0; form[i] != '\0'; i++)
		if (form[i] == 'd' ? strchr(DIGITS, value[i]) == NULL || value[i] == '\0' : value[i] != form[i])
			return false;
	if (value[i] == '.')
		i += 1 + strspn(value + i + 1, DIGITS);
	return value[i] == '\0' && strtol(value, NULL, 10) >= FIRST_YEAR;
}

/* An empty text is null to Oracle. A literal has at most 4000 bytes. */
static bool
is_text(const char *value)
{
	return *value != '\0' && strlen(value) <= 1000;
}

static bool
is_equality(const Condition *condition)
{
	return condition->operation == CONDITION_EQUAL || condition->operation == CONDITION_IN;
}

static bool
is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

/* What a value of the condition must be, or NULL: the condition is not for Oracle. */
static bool (*test_of(const Features *features, const Condition *condition,
					  const char *const *column))(const char *)
{
	static const char *const numbers[] = {"smallint", "integer", "bigint", "numeric", NULL};
	const char *type = type_in_postgresql(column);

	if (condition->operation == CONDITION_UNKNOWN || condition->type == NULL)
		return NULL;
	if (strcmp(type ? type : "text", condition->type) != 0)
		return NULL;
	if (type_is_exact_text(column))
		return features->compares_bytes && is_equality(condition) && !condition_has_replacement(condition)
				   ? is_text
				   : NULL;
	if (type == NULL)
		return NULL;
	if (is_one_of(type, numbers))
		return is_number;
	return strcmp(type, "timestamp without time zone") == 0 && !type_has_finer_moments(column) ? is_moment
																							   : NULL;
}

static void
write_value(WireBuffer *sql, const char *value, bool (*test)(const char *))
{
	if (test == is_number)
	{
		wire_append_text(sql, value);
		return;
	}
	wire_append_text(sql, test == is_moment ? "TIMESTAMP " : "");
	sql_quote_name(sql, value, '\'', '\'');
}

static bool
write_values(WireBuffer *sql, const Condition *condition, bool (*test)(const char *))
{
	for (int i = 0; i < condition->value_count; i++)
	{
		if (!test(condition->values[i]))
			return false;
		wire_append_text(sql, i == 0 ? "" : ", ");
		write_value(sql, condition->values[i], test);
	}
	return condition->value_count > 0;
}

bool
condition_write(WireBuffer *sql, const Features *features, const Condition *condition,
				const char *const *column)
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
	bool is_about_null = condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL;
	bool (*test)(const char *) = is_about_null ? NULL : test_of(features, condition, column);

	if (!is_about_null && test == NULL)
		return false;
	sql_quote_name(sql, condition->column, '"', '"');
	wire_append_text(sql, operators[condition->operation]);
	if (is_about_null)
		return true;
	if (!write_values(sql, condition, test))
		return false;
	wire_append_text(sql, condition->operation == CONDITION_IN ? ")" : "");
	return true;
}
