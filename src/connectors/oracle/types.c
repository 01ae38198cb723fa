/*
 * types.c — numbers and moments are written by masks of their own: what the session's settings are must not
 * matter.
 */
#include "connectors/oracle/types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/oracle/statements.h"
#include "connectors/sql/quote.h"

static bool
begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

static bool
is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

/* The type's word; types that users have made are none of Oracle's. */
static const char *
word_of(const char *const *column)
{
	return column[COLUMN_TYPE_OWNER] == NULL && column[COLUMN_TYPE] ? column[COLUMN_TYPE] : "";
}

static long
number(const char *text)
{
	return text ? strtol(text, NULL, 10) : -1;
}

/* ---- texts ---- */

static void
write_number_modifier(char *modifier, size_t size, const char *const *column)
{
	const char *precision = column[COLUMN_PRECISION];
	long scale = number(column[COLUMN_SCALE]);

	if (precision == NULL && column[COLUMN_SCALE] != NULL)
		snprintf(modifier, size, "(*,%ld)", scale);
	else if (precision != NULL && column[COLUMN_SCALE] != NULL && scale != 0)
		snprintf(modifier, size, "(%ld,%ld)", number(precision), scale);
	else if (precision != NULL)
		snprintf(modifier, size, "(%ld)", number(precision));
}

static void
write_modifier(char *modifier, size_t size, const char *const *column)
{
	static const char *const in_characters[] = {"NVARCHAR2", "NCHAR", NULL};
	static const char *const in_bytes[] = {"RAW", "UROWID", NULL};
	const char *word = word_of(column);
	const char *used = column[COLUMN_CHARACTERS_USED];

	if (strcmp(word, "NUMBER") == 0)
		write_number_modifier(modifier, size, column);
	else if (strcmp(word, "FLOAT") == 0 && column[COLUMN_PRECISION])
		snprintf(modifier, size, "(%ld)", number(column[COLUMN_PRECISION]));
	else if (strcmp(word, "VARCHAR2") == 0 || strcmp(word, "CHAR") == 0)
		snprintf(modifier, size, used && *used == 'C' ? "(%ld CHAR)" : "(%ld BYTE)",
				 number(column[used && *used == 'C' ? COLUMN_CHARACTERS : COLUMN_BYTES]));
	else if (is_one_of(word, in_characters))
		snprintf(modifier, size, "(%ld)", number(column[COLUMN_CHARACTERS]));
	else if (is_one_of(word, in_bytes))
		snprintf(modifier, size, "(%ld)", number(column[COLUMN_BYTES]));
}

const char *
type_text(SqlArena *arena, const char *const *column)
{
	char modifier[64] = "";
	const char *type = column[COLUMN_TYPE] ? column[COLUMN_TYPE] : "unknown";

	if (column[COLUMN_TYPE_OWNER] != NULL)
		return sql_arena_join(arena, column[COLUMN_TYPE_OWNER], ".", type);
	if (strchr(type, '(') == NULL)
		write_modifier(modifier, sizeof(modifier), column);
	return sql_arena_join(arena, type, modifier, "");
}

/* ---- in PostgreSQL ---- */

static bool
is_timestamp(const char *word)
{
	return begins_with(word, "TIMESTAMP");
}

static bool
has_zone(const char *word)
{
	return strstr(word, "TIME ZONE") != NULL;
}

/* Oracle's own, though it has an owner. */
static bool
is_xml(const char *const *column)
{
	return column[COLUMN_TYPE] && strcmp(column[COLUMN_TYPE], "XMLTYPE") == 0;
}

/* A whole number of up to 18 digits has a type of its own. */
static const char *
number_in_postgresql(const char *const *column)
{
	long precision = number(column[COLUMN_PRECISION]);

	if (precision < 1 || precision > 18 || number(column[COLUMN_SCALE]) != 0)
		return "numeric";
	return precision <= 4 ? "smallint" : precision <= 9 ? "integer" : "bigint";
}

const char *
type_in_postgresql(const char *const *column)
{
	static const char *const words[][2] = {
		{"CHAR", "bpchar"},
		{"NCHAR", "bpchar"},
		{"FLOAT", "numeric"},
		{"BINARY_FLOAT", "real"},
		{"BINARY_DOUBLE", "double precision"},
		{"DATE", "timestamp without time zone"},
		{"BOOLEAN", "boolean"},
		{"RAW", "bytea"},
		{"LONG RAW", "bytea"},
		{"BLOB", "bytea"},
		{"JSON", "json"},
	};
	const char *word = word_of(column);

	if (strcmp(word, "NUMBER") == 0)
		return number_in_postgresql(column);
	if (is_timestamp(word))
		return has_zone(word) ? "timestamp with time zone" : "timestamp without time zone";
	if (is_xml(column))
		return "xml";
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i][0]) == 0)
			return words[i][1];
	return NULL;
}

bool
type_is_bytes(const char *const *column)
{
	const char *type = type_in_postgresql(column);

	return type != NULL && strcmp(type, "bytea") == 0;
}

/* ---- values ---- */

static bool
is_short_text(const char *word)
{
	static const char *const words[] = {"VARCHAR2", "NVARCHAR2", "CHAR", "NCHAR", NULL};

	return is_one_of(word, words);
}

bool
type_may_have_categories(const char *const *column)
{
	const char *type = type_in_postgresql(column);

	return is_short_text(word_of(column)) ||
		   (type && (strcmp(type, "smallint") == 0 || strcmp(type, "boolean") == 0));
}

/* Beside a literal, blanks at the end of a CHAR do not count, nor do those of a bpchar. */
bool
type_is_exact_text(const char *const *column)
{
	const char *collation = column[COLUMN_COLLATION];

	if (!is_short_text(word_of(column)))
		return false;
	return collation == NULL || strcmp(collation, "USING_NLS_COMP") == 0 || strcmp(collation, "BINARY") == 0;
}

bool
type_has_finer_moments(const char *const *column)
{
	const char *word = word_of(column);

	return strncmp(word, "TIMESTAMP(", 10) == 0 && word[10] > '6';
}

/* What stands before and behind the name, or NULL: values of this type cannot be read. */
static const char *const *
expression_of(const char *const *column)
{
	static const char *const plain[] = {"", ""};
	static const char *const of_number[] = {"TO_CHAR(", ", 'TM9', 'NLS_NUMERIC_CHARACTERS=''.,''')"};
	static const char *const of_date[] = {"TO_CHAR(",
										  ", 'YYYY-MM-DD HH24:MI:SS BC', 'NLS_DATE_LANGUAGE=AMERICAN')"};
	static const char *const of_timestamp[] = {
		"TO_CHAR(", ", 'YYYY-MM-DD HH24:MI:SS.FF6 BC', 'NLS_DATE_LANGUAGE=AMERICAN')"};
	static const char *const of_moment[] = {
		"TO_CHAR(SYS_EXTRACT_UTC(",
		"), 'YYYY-MM-DD HH24:MI:SS.FF6\"+00\" BC', 'NLS_DATE_LANGUAGE=AMERICAN')"};
	static const char *const of_xml[] = {"XMLSERIALIZE(CONTENT ", " AS CLOB)"};
	static const char *const of_json[] = {"JSON_SERIALIZE(", " RETURNING CLOB)"};
	static const char *const of_others[] = {"TO_CHAR(", ")"};
	static const char *const numbers[] = {"NUMBER", "FLOAT", "BINARY_FLOAT", "BINARY_DOUBLE", NULL};
	static const char *const plain_words[] = {"VARCHAR2", "NVARCHAR2", "CHAR", "NCHAR", "CLOB",
											  "NCLOB",    "LONG",      "RAW",  "BLOB",  "ROWID",
											  "UROWID",   "LONG RAW",  NULL};
	const char *word = word_of(column);

	if (is_xml(column))
		return of_xml;
	if (is_one_of(word, numbers))
		return of_number;
	if (is_timestamp(word))
		return has_zone(word) ? of_moment : of_timestamp;
	if (begins_with(word, "INTERVAL") || strcmp(word, "BOOLEAN") == 0)
		return of_others;
	if (strcmp(word, "DATE") == 0)
		return of_date;
	if (strcmp(word, "JSON") == 0)
		return of_json;
	return is_one_of(word, plain_words) ? plain : NULL;
}

bool
type_write_value(WireBuffer *sql, const char *const *column)
{
	const char *const *expression = expression_of(column);

	if (expression == NULL)
		return false;
	wire_append_text(sql, expression[0]);
	sql_quote_name(sql, column[COLUMN_NAME], '"', '"');
	wire_append_text(sql, expression[1]);
	return true;
}
