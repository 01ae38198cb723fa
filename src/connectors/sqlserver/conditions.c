/*
 * conditions.c — writes conditions that mean the same in SQL Server and in PostgreSQL, or hold for more rows.
 *
 * Texts are equal in SQL Server if their collation says so, which it does of equal bytes: equality is applied
 * roughly. Order of texts and arithmetic of floats differ, datetime has thirds of milliseconds, and values
 * with seven digits of a second are rounded on the way: those are not applied. Values are written only if
 * they consist of what such values consist of.
 */
#include <string.h>

#include "connectors/sqlserver/conditions.h"
#include "connectors/sqlserver/statements.h"
#include "connectors/sqlserver/types.h"

#define MOST_DIGITS  38 /* of a decimal */
#define MOST_SECONDS 6  /* digits behind the point, in PostgreSQL */

/* Two decimals are compared as one type, which must hold all digits of both: else the server rounds, or
 * fails. */
static bool
is_number(const char *value, const char *const *row)
{
	const char *digits = value + (*value == '-');
	int whole = (int) strspn(digits, "0123456789");
	int fraction = digits[whole] == '.' ? (int) strspn(digits + whole + 1, "0123456789") : 0;
	int end = whole + (digits[whole] == '.' ? 1 + fraction : 0);
	int64_t scale = number_of(row[COLUMN_SCALE]);
	int64_t before = number_of(row[COLUMN_PRECISION]) - scale;

	if (whole == 0 || digits[end] != '\0' || scale == ABSENT || before < 0)
		return false;
	return (before > whole ? before : whole) + (scale > fraction ? scale : fraction) <= MOST_DIGITS;
}

static bool
is_of_form(const char *value, const char *form)
{
	for (; *form; form++, value++)
		if (*form == '0' ? *value < '0' || *value > '9' : *value != *form)
			return false;
	return *value == '\0';
}

static bool
is_date(const char *value)
{
	return is_of_form(value, "0000-00-00") && strcmp(value, "0001") > 0;
}

/* A time of day may have up to six digits of a second behind a point. */
static bool
is_moment(const char *value)
{
	size_t second = strlen("0000-00-00 00:00:00");
	char whole[] = "0000-00-00 00:00:00";

	if (strlen(value) < second)
		return false;
	memcpy(whole, value, second);
	if (!is_of_form(whole, "0000-00-00 00:00:00") || strcmp(value, "0001") <= 0)
		return false;
	value += second;
	return *value == '\0' || (*value == '.' && value[1] != '\0' && strlen(value) <= strlen(".000000") &&
							  value[1 + strspn(value + 1, "0123456789")] == '\0');
}

static bool
has_exact_moments(const char *word, const char *const *row)
{
	return strcmp(word, "smalldatetime") == 0 ||
		   (strcmp(word, "datetime2") == 0 && number_of(row[COLUMN_SCALE]) <= MOST_SECONDS);
}

/* Can the value be written, and be compared as PostgreSQL does? */
static bool
is_comparable(const char *value, const char *const *row)
{
	static const char *const numbers[] = {"tinyint", "smallint", "int",        "bigint", "decimal",
										  "numeric", "money",    "smallmoney", NULL};
	const char *word = type_word(row);

	for (int i = 0; numbers[i] != NULL; i++)
		if (strcmp(word, numbers[i]) == 0)
			return is_number(value, row);
	if (strcmp(word, "date") == 0)
		return is_date(value);
	return has_exact_moments(word, row) && is_moment(value);
}

static bool
are_comparable(const Condition *condition, const char *const *row)
{
	for (int i = 0; i < condition->value_count; i++)
		if (!is_comparable(condition->values[i], row))
			return false;
	return true;
}

/* A literal of a date would be read as the session's language has dates. */
static void
write_literal(WireBuffer *sql, const char *value, const char *word)
{
	bool is_day = strcmp(word, "date") == 0;
	bool is_number_word = !is_day && strncmp(word, "datetime", 8) != 0 && strcmp(word, "smalldatetime") != 0;

	if (is_number_word)
	{
		wire_append_text(sql, value);
		return;
	}
	wire_append_text(sql, is_day ? "CONVERT(date, '" : "CONVERT(datetime2(6), '");
	wire_append_text(sql, value);
	wire_append_text(sql, is_day ? "', 23)" : "', 121)");
}

static void
write_comparison(WireBuffer *sql, const Condition *condition, const char *operator_word, const char *word)
{
	wire_append_text(sql, operator_word);
	for (int i = 0; i < condition->value_count; i++)
	{
		wire_append_text(sql, i == 0 ? " (" : ", ");
		if (type_is_text(word))
			write_text(sql, condition->values[i]);
		else
			write_literal(sql, condition->values[i], word);
	}
	wire_append_text(sql, ")");
}

/* Is there a way to apply it? */
static bool
can_be_applied(const Condition *condition, const char *const *row)
{
	const char *word = type_word(row);
	const char *pg_type = type_in_postgresql(word);

	if (condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL)
		return true;
	if (condition->operation == CONDITION_UNKNOWN || condition->type == NULL || condition->value_count == 0 ||
		strcmp(condition->type, pg_type ? pg_type : "text") != 0 || condition_has_replacement(condition))
		return false;
	if (type_is_text(word))
		return condition->operation == CONDITION_EQUAL || condition->operation == CONDITION_IN;
	return pg_type != NULL && are_comparable(condition, row);
}

Applied
condition_write(WireBuffer *sql, const Condition *condition, const char *const *row)
{
	static const char *const operators[] = {
		[CONDITION_EQUAL] = " =",
		[CONDITION_NOT_EQUAL] = " <>",
		[CONDITION_LESS] = " <",
		[CONDITION_LESS_OR_EQUAL] = " <=",
		[CONDITION_GREATER] = " >",
		[CONDITION_GREATER_OR_EQUAL] = " >=",
		[CONDITION_IN] = " IN",
		[CONDITION_NULL] = " IS NULL",
		[CONDITION_NOT_NULL] = " IS NOT NULL",
	};
	bool is_null_test = condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL;

	if (!can_be_applied(condition, row))
		return APPLIED_NOT;
	write_name(sql, condition->column);
	if (is_null_test)
		wire_append_text(sql, operators[condition->operation]);
	else
		write_comparison(sql, condition, operators[condition->operation], type_word(row));
	return type_is_text(type_word(row)) && !is_null_test ? APPLIED_ROUGHLY : APPLIED_EXACTLY;
}
