#include "connectors/snowflake/value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/document.h"
#include "connectors/common/value_text.h"

/* What is longer is no number of days or seconds. */
#define MOST_DIGITS 15

#define MICROSECONDS 1000000

/* ---- dates and times ---- */

static bool
take_digits(const char **text, int64_t *number)
{
	size_t count = strspn(*text, "0123456789");

	if (count == 0 || count > MOST_DIGITS)
		return false;
	*number = strtoll(*text, NULL, 10);
	*text += count;
	return true;
}

/* Up to nine digits behind the point, as nanoseconds. */
static bool
take_fraction(const char **text, int64_t *nanoseconds)
{
	size_t count = strspn(*text, "0123456789");

	*nanoseconds = 0;
	if (count == 0 || count > 9)
		return false;
	for (size_t i = 0; i < 9; i++)
		*nanoseconds = *nanoseconds * 10 + (i < count ? (*text)[i] - '0' : 0);
	*text += count;
	return true;
}

/*
 * Seconds with a fraction, and behind a space what offset the value was written with: the instant is the
 * seconds'. A part of a microsecond is left out, as PostgreSQL would have none: what is earlier stays
 * earlier.
 */
static bool
read_seconds(const Cell *cell, int64_t *microseconds)
{
	const char *text = cell->text;
	bool is_negative = *text == '-';
	int64_t seconds;
	int64_t nanoseconds = 0;
	int64_t offset;

	text += is_negative;
	if (!take_digits(&text, &seconds) || seconds > INT64_MAX / MICROSECONDS - 1)
		return false;
	if (*text == '.' && (text++, !take_fraction(&text, &nanoseconds)))
		return false;
	if (*text == ' ' && (text++, !take_digits(&text, &offset)))
		return false;
	*microseconds = seconds * MICROSECONDS + nanoseconds / 1000;
	if (is_negative)
		*microseconds = -*microseconds - (nanoseconds % 1000 > 0);
	return text == cell->text + cell->length;
}

static bool
append_time(WireBuffer *out, const Cell *cell, TypeKind kind)
{
	int64_t microseconds;

	if (!read_seconds(cell, &microseconds))
		return false;
	if (kind != TYPE_TIME)
		value_text_timestamp(out, microseconds, kind == TYPE_TIMESTAMP_ZONED);
	else if (microseconds >= 0 && microseconds < 86400LL * MICROSECONDS)
		value_text_time(out, microseconds);
	else
		return false;
	return true;
}

static bool
append_date(WireBuffer *out, const Cell *cell)
{
	const char *text = cell->text;
	bool is_negative = *text == '-';
	int64_t days;

	text += is_negative;
	if (!take_digits(&text, &days) || text != cell->text + cell->length || days > INT32_MAX)
		return false;
	value_text_date(out, is_negative ? -days : days);
	return true;
}

/* ---- others ---- */

static bool
append_bytes(WireBuffer *out, const Cell *cell)
{
	if (cell->length % 2 != 0 || strspn(cell->text, "0123456789abcdefABCDEF") != cell->length)
		return false;
	document_literal(out, "\\x");
	for (size_t i = 0; i < cell->length; i++)
	{
		char digit = (char) tolower((unsigned char) cell->text[i]);

		wire_append(out, &digit, 1);
	}
	return true;
}

static bool
append_real(WireBuffer *out, const Cell *cell)
{
	bool is_negative = cell->text[0] == '-';

	if (strcasecmp(cell->text + is_negative, "inf") != 0)
		return false;
	wire_append_text(out, is_negative ? "-Infinity" : "Infinity");
	return true;
}

static bool
append_boolean(WireBuffer *out, const Cell *cell)
{
	if (cell->length != 1 || (cell->text[0] != '0' && cell->text[0] != '1'))
		return false;
	wire_append_text(out, cell->text[0] == '1' ? "true" : "false");
	return true;
}

/* ---- JSON ---- */

static size_t
string_length(const char *text, size_t left)
{
	for (size_t i = 1; i < left; i++)
	{
		if (text[i] == '\\')
			i++;
		else if (text[i] == '"')
			return i + 1;
	}
	return left;
}

/* A word outside of strings: of an array's element that is none, or a number that JSON does not have. */
static void
append_word(WireBuffer *out, const char *word, size_t length)
{
	bool is_none = length == 9 && memcmp(word, "undefined", 9) == 0;
	bool is_known = (length == 4 && (memcmp(word, "true", 4) == 0 || memcmp(word, "null", 4) == 0)) ||
					(length == 5 && memcmp(word, "false", 5) == 0);

	if (is_none)
		document_literal(out, "null");
	else if (is_known || isdigit((unsigned char) word[0]) ||
			 (word[0] == '-' && length > 1 && isdigit((unsigned char) word[1])))
		wire_append(out, word, length);
	else
		wire_append_string(out, word, length);
}

/* Documents of XML are kept in the same types, and are written as such. */
static void
append_json(WireBuffer *out, const Cell *cell)
{
	const char *text = cell->text;
	size_t at = 0;

	if (text[0] == '<')
	{
		wire_append_string(out, text, cell->length);
		return;
	}
	while (at < cell->length)
	{
		size_t word = strspn(text + at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

		if (word > 0)
			append_word(out, text + at, word);
		else
		{
			word = text[at] == '"' ? string_length(text + at, cell->length - at) : 1;
			wire_append(out, text + at, word);
		}
		at += word;
	}
}

/* What is not as the type has it is sent as it is: PostgreSQL will say so. */
static bool
append_special(WireBuffer *out, const Cell *cell, const ColumnType *type)
{
	switch (type->kind)
	{
		case TYPE_REAL:
			return append_real(out, cell);
		case TYPE_BOOLEAN:
			return append_boolean(out, cell);
		case TYPE_BINARY:
			return append_bytes(out, cell);
		case TYPE_DATE:
			return append_date(out, cell);
		case TYPE_TIME:
		case TYPE_TIMESTAMP:
		case TYPE_TIMESTAMP_ZONED:
			return append_time(out, cell, type->kind);
		default:
			return false;
	}
}

bool
value_write(WireBuffer *out, const Cell *cell, const ColumnType *type)
{
	if (cell->text == NULL)
		return false;
	if (type->is_json)
		append_json(out, cell);
	else if (!append_special(out, cell, type))
		wire_append(out, cell->text, cell->length);
	return true;
}
