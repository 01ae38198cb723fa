/*
 * conditions.c — whole numbers compare alike everywhere, and null is null. Texts do not: collations, padding
 * and character sets decide. Nor do fractions, which some sources read as floats, nor dates, which have no
 * spelling that all of them read, and of which drivers replace some.
 *
 * Of sources that are known, decimals are exact, and equal texts are found among those that the source takes
 * for equal: PostgreSQL looks which of them are.
 */
#include "connectors/other/conditions.h"

#include <string.h>

#include "connectors/odbc/names.h"

static bool
is_server_of(const OdbcSession *session, const char *const *names)
{
	while (*names != NULL && !odbc_server_is(session, *names))
		names++;
	return *names != NULL;
}

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

/* MySQL takes a year of two digits for one of 1970 to 2069. */
static bool
is_short_year(const ColumnType *type, const char *value)
{
	return strncasecmp(type->name, "year", 4) == 0 && strlen(value) <= 2;
}

static bool
are_whole_numbers(const Condition *condition, const ColumnType *type)
{
	for (int i = 0; i < condition->value_count; i++)
		if (!is_whole_number(condition->values[i]) || is_short_year(type, condition->values[i]))
			return false;
	return condition->value_count > 0;
}

/* ---- decimals of sources whose decimals are exact ---- */

static bool
is_decimal(const char *value)
{
	size_t whole;
	size_t fraction;

	value += *value == '-';
	whole = strspn(value, "0123456789");
	value += whole;
	fraction = *value == '.' ? strspn(value + 1, "0123456789") : 0;
	value += fraction > 0 ? fraction + 1 : 0;
	return whole > 0 && whole + fraction <= 18 && *value == '\0';
}

static bool
are_decimals(const OdbcSession *session, const Condition *condition, const char *pg_type)
{
	static const char *const servers[] = {"PostgreSQL", "MariaDB", "MySQL", "Microsoft SQL Server", NULL};

	if (pg_type == NULL || strcmp(pg_type, "numeric") != 0 || !is_server_of(session, servers))
		return false;
	for (int i = 0; i < condition->value_count; i++)
		if (!is_decimal(condition->values[i]))
			return false;
	return condition->value_count > 0;
}

/* ---- texts that the source looks for ---- */

/* A literal of such a text is the same in every dialect and character set. */
static bool
is_plain_text(const char *value)
{
	for (; *value; value++)
		if (*value < ' ' || *value > '~' || *value == '\'' || *value == '\\')
			return false;
	return true;
}

/* Sources have types, other than those of characters, that drivers call texts too. */
static bool
are_sought_texts(const OdbcSession *session, const Condition *condition, const ColumnType *type)
{
	static const char *const servers[] = {"PostgreSQL", "MariaDB", "MySQL", NULL};
	static const char *const types[] = {"char", "bpchar", "varchar", "text", NULL};
	const char *const *word = types;

	if (condition->operation != CONDITION_EQUAL && condition->operation != CONDITION_IN)
		return false;
	while (*word != NULL && strcasecmp(*word, type->name) != 0)
		word++;
	if (*word == NULL || !is_server_of(session, servers))
		return false;
	for (int i = 0; i < condition->value_count; i++)
		if (!is_plain_text(condition->values[i]))
			return false;
	return condition->value_count > 0;
}

static Applied
applicable(const OdbcSession *session, const Condition *condition, const ColumnType *type)
{
	const char *pg_type = type_in_postgresql(session, type);

	if (condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL)
		return APPLIED_EXACTLY;
	if (condition->operation == CONDITION_UNKNOWN || condition->type == NULL ||
		strcmp(condition->type, pg_type ? pg_type : "text") != 0)
		return APPLIED_NOT;
	if ((is_whole_number_type(pg_type) && are_whole_numbers(condition, type)) ||
		are_decimals(session, condition, pg_type))
		return APPLIED_EXACTLY;
	return are_sought_texts(session, condition, type) ? APPLIED_ROUGHLY : APPLIED_NOT;
}

static void
write_value(WireBuffer *sql, const char *value, const char *quote)
{
	wire_append_text(sql, quote);
	wire_append_text(sql, value);
	wire_append_text(sql, quote);
}

Applied
condition_write(WireBuffer *sql, const OdbcSession *session, const Condition *condition,
				const ColumnType *type)
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

	Applied applied = applicable(session, condition, type);

	if (applied == APPLIED_NOT || !odbc_write_name(sql, session, condition->column))
		return APPLIED_NOT;
	wire_append_text(sql, operators[condition->operation]);
	for (int i = 0; i < condition->value_count; i++)
	{
		wire_append_text(sql, i == 0 ? "" : ", ");
		write_value(sql, condition->values[i], applied == APPLIED_ROUGHLY ? "'" : "");
	}
	wire_append_text(sql, condition->operation == CONDITION_IN ? ")" : "");
	return applied;
}
