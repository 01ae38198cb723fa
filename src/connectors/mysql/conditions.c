/*
 * conditions.c — writes conditions that mean the same in MySQL and in PostgreSQL, or hold for more rows.
 *
 * Texts are equal in MySQL if their collation says so, which it does of equal bytes: equality is applied
 * roughly. Order of texts and arithmetic of floats differ, and are not applied. Values are written only if
 * they consist of what such values consist of.
 */
#include <string.h>

#include "connectors/mysql/conditions.h"
#include "connectors/mysql/statements.h"

static bool
is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

/* Digits with a sign and a point, as far as MySQL reads them exactly. */
static bool
is_number(const char *value)
{
	const char *digits = value + (*value == '-');
	size_t whole = strspn(digits, "0123456789");
	size_t fraction = digits[whole] == '.' ? 1 + strspn(digits + whole + 1, "0123456789") : 0;

	return whole > 0 && whole <= 35 && fraction <= 30 && digits[whole + fraction] == '\0';
}

static bool
is_of_form(const char *value, const char *form)
{
	for (; *form; form++, value++)
		if (*form == '0' ? *value < '0' || *value > '9' : *value != *form)
			return false;
	return *value == '\0';
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
	if (!is_of_form(whole, "0000-00-00 00:00:00"))
		return false;
	value += second;
	return *value == '\0' || (*value == '.' && strlen(value) <= strlen(".000000") &&
							  value[1 + strspn(value + 1, "0123456789")] == '\0');
}

/* Can a value of this PostgreSQL type be written, and be compared as PostgreSQL does? */
static bool
is_comparable(const char *pg_type, const char *value)
{
	static const char *const numbers[] = {"smallint", "integer", "bigint", "numeric", NULL};

	if (is_one_of(pg_type, numbers))
		return is_number(value);
	if (strcmp(pg_type, "date") == 0)
		return is_of_form(value, "0000-00-00");
	return strcmp(pg_type, "timestamp without time zone") == 0 && is_moment(value);
}

static bool
are_comparable(const Condition *condition, const char *pg_type)
{
	for (int i = 0; i < condition->value_count; i++)
		if (!is_comparable(pg_type, condition->values[i]))
			return false;
	return true;
}

static void
write_comparison(WireBuffer *sql, const Condition *condition, const char *operator_word, bool is_text)
{
	wire_append_text(sql, operator_word);
	for (int i = 0; i < condition->value_count; i++)
	{
		wire_append_text(sql, i == 0 ? " (" : ", ");
		if (is_text)
			write_text(sql, condition->values[i]);
		else
		{
			bool is_date = strchr(condition->values[i] + 1, '-') != NULL;

			wire_append_text(sql, is_date ? "'" : "");
			wire_append_text(sql, condition->values[i]);
			wire_append_text(sql, is_date ? "'" : "");
		}
	}
	wire_append_text(sql, ")");
}

Applied
condition_write(WireBuffer *sql, const Condition *condition, const char *word, const char *pg_type)
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
	static const char *const texts[] = {"char",       "varchar",  "tinytext", "text",
										"mediumtext", "longtext", NULL};
	bool is_null_test = condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL;
	bool is_text = pg_type == NULL && is_one_of(word, texts);

	if (condition->operation == CONDITION_UNKNOWN)
		return APPLIED_NOT;
	if (!is_null_test &&
		(condition->type == NULL || strcmp(condition->type, pg_type ? pg_type : "text") != 0))
		return APPLIED_NOT;
	if (!is_null_test && is_text && condition->operation != CONDITION_EQUAL &&
		condition->operation != CONDITION_IN)
		return APPLIED_NOT;
	if (!is_null_test && !is_text && (pg_type == NULL || !are_comparable(condition, pg_type)))
		return APPLIED_NOT;
	write_name(sql, condition->column);
	if (is_null_test)
		wire_append_text(sql, operators[condition->operation]);
	else
		write_comparison(sql, condition, operators[condition->operation], is_text);
	return is_text && !is_null_test ? APPLIED_ROUGHLY : APPLIED_EXACTLY;
}
