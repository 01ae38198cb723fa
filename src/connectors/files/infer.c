#include "connectors/files/infer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/files/infer_reader.h"
#include "connectors/files/infer_time.h"

#define MOST_DECIMAL_DIGITS 38
#define MOST_INTEGER_DIGITS 19
/* A longer value is text, or JSON. */
#define LONGEST_VALUE 64

static const struct
{
	const char *name;
	const char *pg_type;
} descriptions[INFERRED_TYPES] = {
	[INFERRED_BOOLEAN] = {"boolean", "boolean"},
	[INFERRED_INTEGER] = {"integer", "bigint"},
	[INFERRED_DECIMAL] = {"decimal", "numeric"},
	[INFERRED_DECIMAL_COMMA] = {"decimal", "numeric"},
	[INFERRED_NUMBER] = {"number", "double precision"},
	[INFERRED_DATE] = {"date", "date"},
	[INFERRED_DATE_YMD] = {"date", "date"},
	[INFERRED_DATE_DMY] = {"date", "date"},
	[INFERRED_DATE_MDY] = {"date", "date"},
	[INFERRED_DATE_MONTH] = {"date", "date"},
	[INFERRED_TIME] = {"time", "time without time zone"},
	[INFERRED_TIMESTAMP] = {"timestamp", "timestamp without time zone"},
	[INFERRED_TIMESTAMP_YMD] = {"timestamp", "timestamp without time zone"},
	[INFERRED_TIMESTAMP_DMY] = {"timestamp", "timestamp without time zone"},
	[INFERRED_TIMESTAMP_MDY] = {"timestamp", "timestamp without time zone"},
	[INFERRED_TIMESTAMPTZ] = {"timestamptz", "timestamp with time zone"},
	[INFERRED_UUID] = {"uuid", "uuid"},
	[INFERRED_JSON] = {"json", "json"},
	[INFERRED_TEXT] = {"text", NULL},
};

const char *
inferred_name(InferredType type)
{
	return descriptions[type].name;
}

const char *
inferred_pg_type(InferredType type)
{
	return descriptions[type].pg_type;
}

/* ---- words ---- */

static bool
is_word(const char *text, size_t length, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == length && strncasecmp(text, *words, length) == 0)
			return true;
	return false;
}

static bool
is_boolean(const char *text, size_t length)
{
	static const char *const words[] = {"true", "false", "t", "f", "yes", "no", NULL};

	return is_word(text, length, words);
}

bool
infer_is_null(const char *text, size_t length)
{
	static const char *const words[] = {"NA", "N/A", "null", "NULL", "\\N", "-"};

	if (length == 0)
		return true;
	for (size_t i = 0; length <= 4 && i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == length && memcmp(text, words[i], length) == 0)
			return true;
	return false;
}

/* ---- numbers ---- */

static bool
fits_in_64_bits(const char *text, size_t length)
{
	char copy[LONGEST_VALUE + 1];

	memcpy(copy, text, length);
	copy[length] = '\0';
	errno = 0;
	(void) strtoll(copy, NULL, 10);
	return errno == 0;
}

static bool
fits_in_double(const char *text, size_t length)
{
	char copy[LONGEST_VALUE + 1];

	memcpy(copy, text, length);
	copy[length] = '\0';
	errno = 0;
	return isfinite(strtod(copy, NULL)) && errno == 0;
}

/* Groups of three digits behind points, then perhaps a comma and digits: 1.234,56. */
static bool
is_decimal_comma(Reader in)
{
	size_t digits;
	bool is_grouped = false;

	take(&in, '-');
	digits = take_digits(&in);
	if (digits == 0 || (in.at[-(ptrdiff_t) digits] == '0' && digits > 1))
		return false;
	while (digits <= 3 + MOST_DECIMAL_DIGITS && !is_done(&in) && *in.at == '.')
	{
		if (!is_grouped && digits > 3)
			return false;
		is_grouped = true;
		in.at++;
		if (take_digits(&in) != 3)
			return false;
	}
	if (is_done(&in))
		return true;
	return take(&in, ',') && take_digits(&in) > 0 && is_done(&in);
}

static InferredTypes
number_types(const char *text, size_t length)
{
	Reader in = {text, text + length};
	InferredTypes types = 0;
	size_t whole;
	size_t fraction = 0;
	bool has_point;

	if (is_decimal_comma(in))
		types |= BIT(INFERRED_DECIMAL_COMMA);
	take(&in, '-');
	whole = take_digits(&in);
	if (whole > 1 && in.at[-(ptrdiff_t) whole] == '0')
		return types & ~BIT(INFERRED_DECIMAL_COMMA);
	has_point = take(&in, '.');
	if (has_point)
		fraction = take_digits(&in);
	if (whole + fraction == 0)
		return types;
	if (is_done(&in))
	{
		if (!has_point && whole > MOST_INTEGER_DIGITS)
			return 0;
		if (!has_point && (whole < MOST_INTEGER_DIGITS || fits_in_64_bits(text, length)))
			types |= BIT(INFERRED_INTEGER);
		if (whole + fraction <= MOST_DECIMAL_DIGITS)
			types |= BIT(INFERRED_DECIMAL);
		return types | BIT(INFERRED_NUMBER); /* LONGEST_VALUE digits are in the range of a double */
	}
	if (!take(&in, 'e') && !take(&in, 'E'))
		return types;
	if (!take(&in, '-'))
		take(&in, '+');
	if (take_digits(&in) > 0 && is_done(&in) && fits_in_double(text, length))
		types |= BIT(INFERRED_NUMBER);
	return types;
}

/* ---- others ---- */

static bool
is_uuid(const char *text, size_t length)
{
	for (size_t i = 0; length == 36 && i < length; i++)
	{
		bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (is_hyphen ? text[i] != '-' : memchr("0123456789abcdefABCDEF", text[i], 22) == NULL)
			return false;
	}
	return length == 36;
}

/* An array is scanned as the member of an object. */
static bool
is_json(const char *text, size_t length)
{
	static WireObject object; /* too large for the stack */
	WireBuffer whole = {0};
	bool is_fine;

	if (text[0] == '{')
		return text[length - 1] == '}' && wire_object_scan(text, length, &object) == NULL;
	if (text[0] != '[' || text[length - 1] != ']')
		return false;
	wire_append_text(&whole, "{\"a\":");
	wire_append(&whole, text, length);
	wire_append(&whole, "}", 1);
	is_fine = !whole.failed && wire_object_scan(whole.data, whole.length, &object) == NULL;
	wire_free(&whole);
	return is_fine;
}

InferredTypes
infer_value(const char *text, size_t length)
{
	InferredTypes types = BIT(INFERRED_TEXT);

	if (length == 0)
		return types;
	if (text[0] == '{' || text[0] == '[')
		return is_json(text, length) ? types | BIT(INFERRED_JSON) : types;
	if (length > LONGEST_VALUE)
		return types;
	if (is_digit(text[0]) || text[0] == '-' || text[0] == '.')
	{
		types |= number_types(text, length);
		if (length >= 4 && is_digit(text[0]) &&
			(types == BIT(INFERRED_TEXT) || text[2] == '.' || text[1] == '.'))
			types |= infer_time_types(text, length);
	}
	else if (length <= 5 && is_boolean(text, length))
		types |= BIT(INFERRED_BOOLEAN);
	return types | (is_uuid(text, length) ? BIT(INFERRED_UUID) : 0);
}

void
infer_trim(const char **text, size_t *length)
{
	while (*length > 0 && (**text == ' ' || **text == '\t'))
	{
		++*text;
		--*length;
	}
	while (*length > 0 && ((*text)[*length - 1] == ' ' || (*text)[*length - 1] == '\t'))
		--*length;
}

void
infer_add(Inference *inference, const char *text, size_t length)
{
	infer_trim(&text, &length);
	if (length == 0)
		inference->has_null = true;
	if (infer_is_null(text, length))
		return;
	inference->values++;
	if (inference->fits != BIT(INFERRED_TEXT))
		inference->fits &= infer_value(text, length);
}

void
infer_join(Inference *inference, Inference *other)
{
	inference->fits &= other->fits;
	if (inference->values < other->values)
		inference->values = other->values;
	inference->has_null = inference->has_null || other->has_null;
	*other = *inference;
}

InferredType
infer_type(const Inference *inference, bool with_comma)
{
	if (inference->values == 0)
		return INFERRED_TEXT;
	for (InferredType type = 0; type < INFERRED_TEXT; type++)
		if ((inference->fits & BIT(type)) && (type != INFERRED_DECIMAL_COMMA || with_comma))
			return type;
	return INFERRED_TEXT;
}

bool
infer_is_ambiguous(const Inference *inference)
{
	InferredType type = infer_type(inference, false);

	return (type == INFERRED_DATE_DMY && (inference->fits & BIT(INFERRED_DATE_MDY))) ||
		   (type == INFERRED_TIMESTAMP_DMY && (inference->fits & BIT(INFERRED_TIMESTAMP_MDY)));
}

/* ---- writing ---- */

static void
write_decimal_comma(WireBuffer *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (text[i] == ',')
			wire_append(out, ".", 1);
		else if (text[i] != '.')
			wire_append(out, &text[i], 1);
	}
}

void
inferred_write(WireBuffer *out, InferredType type, const char *text, size_t length)
{
	bool is_comma = type == INFERRED_DECIMAL_COMMA;

	if (!(is_comma || infer_time_is_rewritten(type, text, length)) ||
		(infer_value(text, length) & BIT(type)) == 0)
		wire_append(out, text, length);
	else if (is_comma)
		write_decimal_comma(out, text, length);
	else
		infer_time_write(out, type, text, length);
}
