/*
 * conditions.c — writes conditions that mean the same in MySQL and in PostgreSQL.
 *
 * Texts are equal in PostgreSQL if their bytes are; in MySQL the collation decides, which finds equal bytes
 * equal. Both are written where rows are sought: the first one lets the server use an index. Order of texts
 * differs, and is not applied. Values that the source's types have not, such as NaN and infinity, are below
 * or above all of them.
 */
#include <string.h>

#include "connectors/mysql/conditions.h"
#include "connectors/mysql/literals.h"
#include "connectors/mysql/statements.h"

typedef enum Comparing
{
	BY_VALUE,
	BY_NUMBER,  /* as a number, not as a year: the source takes one of two digits for a year of our time */
	BY_FLOAT,   /* as a double, which has all digits of a float */
	BY_TEXT,    /* by the collation, for an index, and by bytes */
	BY_BYTES,   /* of a text */
	BY_LETTERS, /* of a type whose order is not that of its text */
	NOT_AT_ALL
} Comparing;

static const char *const operators[] = {
	[CONDITION_EQUAL] = " = ",          [CONDITION_NOT_EQUAL] = " <> ", [CONDITION_LESS] = " < ",
	[CONDITION_LESS_OR_EQUAL] = " <= ", [CONDITION_GREATER] = " > ",    [CONDITION_GREATER_OR_EQUAL] = " >= ",
};

static bool
is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

static bool
has_two_digits(const Condition *condition)
{
	for (int i = 0; i < condition->value_count; i++)
		if (strlen(condition->values[i]) <= 2)
			return true;
	return false;
}

/* How is the column compared with values of the condition's type? */
static Comparing
comparing(const Condition *condition, const ComparedColumn *column)
{
	static const char *const texts[] = {"char",     "varchar", "tinytext", "text", "mediumtext",
										"longtext", "enum",    "set",      NULL};

	const char *pg_type = column->pg_type;

	if (strcmp(condition->type, pg_type ? pg_type : "text") != 0 || condition_has_replacement(condition))
		return NOT_AT_ALL;
	if (pg_type == NULL)
		return is_one_of(column->word, texts) && condition->operation != CONDITION_LESS &&
					   condition->operation != CONDITION_LESS_OR_EQUAL &&
					   condition->operation != CONDITION_GREATER &&
					   condition->operation != CONDITION_GREATER_OR_EQUAL
				   ? BY_TEXT
				   : NOT_AT_ALL;
	if (strcmp(pg_type, "uuid") == 0)
		return BY_LETTERS;
	if (strcmp(column->word, "year") == 0 && has_two_digits(condition))
		return BY_NUMBER;
	return strcmp(column->word, "float") == 0 ? BY_FLOAT : BY_VALUE;
}

static void
write_column(WireBuffer *sql, const char *column, Comparing how)
{
	static const char *const before[] = {"", "(", "(", "CAST(CONVERT(", "CAST(CONVERT(", "CAST(CAST("};
	static const char *const behind[] = {"",
										 " + 0)",
										 " + 0e0)",
										 " USING utf8mb4) AS BINARY)",
										 " USING utf8mb4) AS BINARY)",
										 " AS CHAR) AS BINARY)"};

	wire_append_text(sql, before[how]);
	write_name(sql, column);
	wire_append_text(sql, behind[how]);
}

/* Writes what holds for all values that are not null, or for none. */
static void
write_always(WireBuffer *sql, const char *column, bool holds)
{
	write_name(sql, column);
	wire_append_text(sql, holds ? " IS NOT NULL" : " <> ");
	if (!holds)
		write_name(sql, column);
}

/* Does the comparison with a value below or above all values hold? */
static bool
holds_for_all(ConditionOperator operation, Place place)
{
	if (operation == CONDITION_NOT_EQUAL)
		return true;
	if (place == PLACE_ABOVE)
		return operation == CONDITION_LESS || operation == CONDITION_LESS_OR_EQUAL;
	return operation == CONDITION_GREATER || operation == CONDITION_GREATER_OR_EQUAL;
}

/* Writes a comparison with one value. Returns false if the source cannot make it. */
static bool
write_comparison(WireBuffer *sql, const Condition *condition, ConditionOperator operation, const char *value,
				 Comparing how)
{
	size_t before = sql->length;
	Place place;

	if (how == BY_TEXT && operation == CONDITION_EQUAL)
	{
		write_name(sql, condition->column);
		wire_append_text(sql, operators[operation]);
		literal_write(sql, condition->type, value);
		wire_append_text(sql, " AND ");
	}
	write_column(sql, condition->column, how);
	wire_append_text(sql, operators[operation]);
	wire_append_text(sql, how >= BY_TEXT ? "CAST(" : "");
	place = literal_write(sql, condition->type, value);
	wire_append_text(sql, how >= BY_TEXT ? " AS BINARY)" : "");
	if (place == PLACE_BELOW || place == PLACE_ABOVE)
	{
		sql->length = before;
		write_always(sql, condition->column, holds_for_all(operation, place));
	}
	return place != PLACE_UNKNOWN;
}

/* A text with letters that the column's character set has not is an error when it is compared with it. */
static bool
is_comparable_letter_by_letter(const Condition *condition, const ComparedColumn *column)
{
	bool is_ascii = true;

	for (int i = 0; i < condition->value_count; i++)
		for (const char *at = condition->values[i]; *at; at++)
			is_ascii &= (unsigned char) *at < 0x80;
	return is_ascii || column->has_all_letters;
}

static bool
write_comparisons(WireBuffer *sql, const Condition *condition, Comparing how)
{
	bool is_list = condition->operation == CONDITION_IN;
	ConditionOperator operation = is_list ? CONDITION_EQUAL : condition->operation;

	wire_append_text(sql, "(");
	for (int i = 0; i < condition->value_count; i++)
	{
		wire_append_text(sql, i == 0 ? "" : " OR ");
		if (!write_comparison(sql, condition, operation, condition->values[i], how))
			return false;
	}
	wire_append_text(sql, ")");
	return true;
}

bool
condition_write(WireBuffer *sql, const Condition *condition, const ComparedColumn *column)
{
	size_t before = sql->length;
	Comparing how;

	/* IS NULL would find 0000-00-00, too, in a date that is not null. */
	if (condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL)
	{
		write_name(sql, condition->column);
		wire_append_text(sql, condition->operation == CONDITION_NULL ? " <=> NULL" : " IS NOT NULL");
		return true;
	}
	if (condition->operation == CONDITION_UNKNOWN || condition->type == NULL)
		return false;
	how = comparing(condition, column);
	if (how == BY_TEXT && !is_comparable_letter_by_letter(condition, column))
		how = BY_BYTES;
	if (how != NOT_AT_ALL && write_comparisons(sql, condition, how))
		return true;
	sql->length = before;
	return false;
}
