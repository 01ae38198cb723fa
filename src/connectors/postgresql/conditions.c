/*
 * conditions.c — which conditions the source can apply, and how they are written. What the source would
 * compare in another way is not written: columns of another type than the condition has, types whose text is
 * not their value, the order of texts.
 */
#include <stdint.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/postgresql/conditions.h"

static const char *const operators[] = {"=", "<>", "<", "<=", ">", ">="};

/* Types that every server compares alike, whatever its version, collation and settings are. */
static const char *const comparable[] = {"boolean",
										 "smallint",
										 "integer",
										 "bigint",
										 "oid",
										 "numeric",
										 "real",
										 "date",
										 "uuid",
										 "double precision",
										 "bytea",
										 "interval",
										 "inet",
										 "cidr",
										 "macaddr",
										 "time without time zone",
										 "time with time zone",
										 "timestamp without time zone",
										 "timestamp with time zone"};

static const char *const integers[] = {"smallint", "integer", "bigint"};
static const char *const texts[] = {"text", "character varying", "name"};

#define COUNT_OF(list) (sizeof(list) / sizeof((list)[0]))

static bool
is_among(const char *text, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(text, list[i]) == 0)
			return true;
	return false;
}

/* Blanks at the end of a character(n) are not compared. */
static bool
is_blank_padded(const Condition *condition, const ReadColumn *column)
{
	return strcmp(condition->type, "bpchar") == 0 && strcmp(column->type, "character") == 0;
}

static bool
is_text(const Condition *condition, const ReadColumn *column)
{
	return is_blank_padded(condition, column) ||
		   (strcmp(condition->type, "text") == 0 &&
			(column->is_enum || is_among(column->type, texts, COUNT_OF(texts))));
}

/* Is the condition's type one that the column is compared by? */
static bool
is_known(const Condition *condition, const ReadColumn *column)
{
	if (condition->operation == CONDITION_UNKNOWN)
		return false;
	if (is_text(condition, column))
		return condition->operation == CONDITION_EQUAL || condition->operation == CONDITION_NOT_EQUAL ||
			   condition->operation == CONDITION_IN;
	if (is_among(condition->type, integers, COUNT_OF(integers)))
		return is_among(column->type, integers, COUNT_OF(integers));
	return strcmp(condition->type, column->type) == 0 &&
		   is_among(condition->type, comparable, COUNT_OF(comparable));
}

static bool
is_ascii(const Condition *condition)
{
	for (int i = 0; i < condition->value_count; i++)
		for (const char *at = condition->values[i]; *at; at++)
			if ((unsigned char) *at >= 0x80)
				return false;
	return true;
}

/* A text may have characters that the database's encoding has not: then its bytes in UTF-8 are compared. */
static bool
needs_bytes(PGconn *connection, const Condition *condition)
{
	const char *encoding = PQparameterStatus(connection, "server_encoding");

	return encoding != NULL && strcmp(encoding, "UTF8") != 0 && strcmp(encoding, "SQL_ASCII") != 0 &&
		   !is_ascii(condition);
}

static void
write_bytes(WireBuffer *sql, const char *value)
{
	static const char digits[] = "0123456789abcdef";

	wire_append_text(sql, "'\\x");
	for (; *value; value++)
	{
		wire_append(sql, &digits[(unsigned char) *value >> 4], 1);
		wire_append(sql, &digits[(unsigned char) *value & 0xF], 1);
	}
	wire_append_text(sql, "'::bytea");
}

static void
write_literal(WireBuffer *sql, PGconn *connection, const char *value, const char *type)
{
	char *literal = PQescapeLiteral(connection, value, strlen(value));

	if (literal == NULL)
		give_up_out_of_memory();
	wire_append_text(sql, literal);
	wire_append_text(sql, "::");
	wire_append_text(sql, type);
	PQfreemem(literal);
}

static void
write_column(WireBuffer *sql, const ReadColumn *column, bool as_text, bool as_bytes)
{
	wire_append_text(sql, as_bytes ? "convert_to(" : "");
	wire_append_text(sql, column->quoted);
	if (as_text && column->is_enum)
		wire_append_text(sql, "::text");
	else if (as_text && !as_bytes && !column->is_bytewise)
		wire_append_text(sql, " COLLATE \"C\"");
	wire_append_text(sql, as_bytes ? ", 'UTF8')" : "");
}

static void
write_comparison(WireBuffer *sql, PGconn *connection, const Condition *condition, const ReadColumn *column)
{
	bool as_text = is_text(condition, column);
	bool as_bytes = as_text && needs_bytes(connection, condition);
	bool is_list = condition->operation == CONDITION_IN;

	write_column(sql, column, as_text, as_bytes);
	wire_append_text(sql, " ");
	wire_append_text(sql, is_list ? "= ANY (ARRAY[" : operators[condition->operation]);
	for (int i = 0; i < condition->value_count; i++)
	{
		wire_append_text(sql, i == 0 ? " " : ", ");
		if (as_bytes)
			write_bytes(sql, condition->values[i]);
		else
			write_literal(sql, connection, condition->values[i], condition->type);
	}
	wire_append_text(sql, is_list ? "])" : "");
}

bool
condition_write(WireBuffer *sql, PGconn *connection, const Condition *condition, const ReadColumn *column)
{
	/* IS NULL would hold for a row whose fields are null, too. */
	if (condition->operation == CONDITION_NULL || condition->operation == CONDITION_NOT_NULL)
	{
		wire_append_text(sql, column->quoted);
		wire_append_text(sql, condition->operation == CONDITION_NULL ? " IS NOT DISTINCT FROM NULL"
																	 : " IS DISTINCT FROM NULL");
		return true;
	}
	if (!is_known(condition, column) ||
		(is_blank_padded(condition, column) && needs_bytes(connection, condition)))
		return false;
	write_comparison(sql, connection, condition, column);
	return true;
}
