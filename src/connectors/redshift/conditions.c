/*
 * conditions.c — writes conditions that mean the same in Redshift and in PostgreSQL, or hold for more rows.
 *
 * Values are parameters: a text between quotes would depend on what a backslash means to the server. A text
 * is equal in Redshift if it is but for blanks at its end, and where the database says so for capitals, too:
 * equality is applied roughly, and order not at all. A cast to numeric without digits would lose some.
 */
#include <stdio.h>
#include <string.h>

#include "connectors/redshift/conditions.h"
#include "connectors/sql/quote.h"

#define DIGITS       "0123456789"
#define MOST_DIGITS  38 /* of a numeric */
#define LONGEST_TEXT 65535

static bool
begins_with(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

static bool
is_whole(const char *type)
{
	return strcmp(type, "smallint") == 0 || strcmp(type, "integer") == 0 || strcmp(type, "bigint") == 0;
}

/* Has the value the form of a date or of a timestamp with a year of four digits? */
static bool
is_moment(const char *value, const char *form, size_t shortest)
{
	size_t length = strlen(value);

	for (size_t i = 0; i < length; i++)
		if (form[i] == '0' ? strchr(DIGITS, value[i]) == NULL : form[i] != value[i])
			return false;
	return length >= shortest && strncmp(value, "0000", 4) != 0;
}

static bool
is_date(const char *value)
{
	return is_moment(value, "0000-00-00", 10);
}

static bool
is_timestamp(const char *value)
{
	return is_moment(value, "0000-00-00 00:00:00.000000", 19) && value[strlen(value) - 1] != '.';
}

static bool
is_whole_number(const char *value)
{
	size_t digits = strspn(value + (*value == '-'), DIGITS);

	return digits > 0 && value[digits + (*value == '-')] == '\0';
}

static bool
is_truth(const char *value)
{
	return strcmp(value, "t") == 0 || strcmp(value, "f") == 0 || strcmp(value, "true") == 0 ||
		   strcmp(value, "false") == 0;
}

/* Both sides are compared as one type, which must hold all digits of both. */
static bool
write_numeric(char *cast, size_t size, const char *value, const char *type)
{
	const char *digits = value + (*value == '-');
	int whole = (int) strspn(digits, DIGITS);
	int fraction = digits[whole] == '.' ? (int) strspn(digits + whole + 1, DIGITS) : 0;
	int precision;
	int scale;

	if (sscanf(type, "numeric(%d,%d)", &precision, &scale) != 2 || whole == 0 ||
		digits[whole + (fraction > 0 ? fraction + 1 : 0)] != '\0' || whole > MOST_DIGITS ||
		fraction > MOST_DIGITS || precision < scale || precision > MOST_DIGITS)
		return false;
	if ((precision - scale > whole ? precision - scale : whole) + (scale > fraction ? scale : fraction) >
		MOST_DIGITS)
		return false;
	snprintf(cast, size, "numeric(%d,%d)", whole + fraction, fraction);
	return true;
}

/* Returns what the value is cast to, or NULL if it is not compared as PostgreSQL does. */
static const char *
cast_of(const char *value, const Condition *condition, const SqlColumn *column, char *numeric, size_t size)
{
	const char *type = column->pg_type;

	if (strcmp(condition->type, "text") == 0)
		return strlen(value) <= LONGEST_TEXT ? "varchar(65535)" : NULL;
	if (type == NULL)
		return NULL;
	if (is_whole(type) && is_whole(condition->type))
		return is_whole_number(value) ? "bigint" : NULL;
	if (strcmp(condition->type, type) != 0)
		return NULL;
	if (strcmp(type, "numeric") == 0)
		return write_numeric(numeric, size, value, column->type) ? numeric : NULL;
	if (strcmp(type, "date") == 0)
		return is_date(value) ? "date" : NULL;
	if (strcmp(type, "timestamp without time zone") == 0)
		return is_timestamp(value) ? "timestamp" : NULL;
	return strcmp(type, "boolean") == 0 && is_truth(value) ? "boolean" : NULL;
}

/* Texts of a fixed length have blanks at their end. */
static bool
is_varying(const SqlColumn *column)
{
	return begins_with(column->type, "character varying") || begins_with(column->type, "varchar") ||
		   strcmp(column->type, "text") == 0;
}

static Applied
how(const Condition *condition, const SqlColumn *column)
{
	bool is_equality = condition->operation == CONDITION_EQUAL || condition->operation == CONDITION_IN;

	if (condition->operation == CONDITION_UNKNOWN || condition->type == NULL)
		return APPLIED_NOT;
	if (strcmp(condition->type, "text") != 0)
		return strcmp(condition->type, "boolean") != 0 || is_equality ? APPLIED_EXACTLY : APPLIED_NOT;
	return is_equality && is_varying(column) ? APPLIED_ROUGHLY : APPLIED_NOT;
}

static bool
write_value(WireBuffer *sql, SqlNames *parameters, const char *value, const Condition *condition,
			const SqlColumn *column)
{
	char numeric[64];
	const char *cast = cast_of(value, condition, column, numeric, sizeof(numeric));

	if (cast == NULL || parameters->count == MOST_PARAMETERS)
		return false;
	parameters->items[parameters->count++] = value;
	wire_append_text(sql, "CAST($");
	wire_append_integer(sql, parameters->count);
	wire_append_text(sql, " AS ");
	wire_append_text(sql, cast);
	wire_append_text(sql, ")");
	return true;
}

static Applied
write_null(WireBuffer *sql, const Condition *condition)
{
	wire_append_text(sql, condition->operation == CONDITION_NULL ? " IS NULL" : " IS NOT NULL");
	return APPLIED_EXACTLY;
}

Applied
condition_write(WireBuffer *sql, SqlNames *parameters, const Condition *condition, const SqlColumn *column)
{
	static const char *const operators[] = {" = ", " <> ", " < ", " <= ", " > ", " >= ", " IN ("};
	int before = parameters->count;
	Applied applied;

	sql_quote_name(sql, column->name, '"', '"');
	if (condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL)
		return write_null(sql, condition);
	applied = how(condition, column);
	if (applied == APPLIED_NOT || condition->value_count == 0)
		return APPLIED_NOT;
	wire_append_text(sql, operators[condition->operation]);
	for (int i = 0; i < condition->value_count; i++)
	{
		wire_append_text(sql, i == 0 ? "" : ", ");
		if (!write_value(sql, parameters, condition->values[i], condition, column))
		{
			parameters->count = before;
			return APPLIED_NOT;
		}
	}
	wire_append_text(sql, condition->operation == CONDITION_IN ? ")" : "");
	return applied;
}
