#include "connectors/files/infer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BIT(type) ((InferredTypes) 1 << (type))

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

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* What is left of a text while it is read. */
typedef struct Reader
{
	const char *at;
	const char *end;
} Reader;

static bool
take(Reader *in, char byte)
{
	if (in->at == in->end || *in->at != byte)
		return false;
	in->at++;
	return true;
}

static bool
is_done(const Reader *in)
{
	return in->at == in->end;
}

static size_t
take_digits(Reader *in)
{
	const char *start = in->at;

	while (in->at < in->end && is_digit(*in->at))
		in->at++;
	return (size_t) (in->at - start);
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

/* ---- dates and times ---- */

typedef struct Date
{
	int year;
	int month;
	int day;
} Date;

static bool
is_date(const Date *date)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (date->year % 4 == 0 && date->year % 100 != 0) || date->year % 400 == 0;

	return date->year >= 1 && date->month >= 1 && date->month <= 12 && date->day >= 1 &&
		   date->day <= days[date->month - 1] + (date->month == 2 && is_leap);
}

/* Reads a number of least to most digits. */
static bool
take_number(Reader *in, size_t least, size_t most, int *number)
{
	size_t count = 0;

	*number = 0;
	while (count < most && in->at < in->end && is_digit(*in->at))
	{
		*number = *number * 10 + (*in->at++ - '0');
		count++;
	}
	return count >= least;
}

static bool
take_month_name(Reader *in, int *month)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	if (in->end - in->at < 3)
		return false;
	for (*month = 1; *month <= 12; ++*month)
		if (strncasecmp(in->at, names + 3 * (*month - 1), 3) == 0)
		{
			in->at += 3;
			return true;
		}
	return false;
}

static bool
take_separator(Reader *in, const char *among, char *separator)
{
	if (is_done(in) || strchr(among, *in->at) == NULL || *in->at == '\0')
		return false;
	*separator = *in->at++;
	return true;
}

/* Four digits of a year first. */
static InferredTypes
take_year_first(Reader *in, Date *date)
{
	char separator;

	if (!take_number(in, 4, 4, &date->year) || !take_separator(in, "-/.", &separator) ||
		!take_number(in, separator == '-' ? 2 : 1, 2, &date->month) || !take(in, separator) ||
		!take_number(in, separator == '-' ? 2 : 1, 2, &date->day) || !is_date(date))
		return 0;
	return separator == '-' ? BIT(INFERRED_DATE) : BIT(INFERRED_DATE_YMD);
}

/* One or two digits first: day or month. The date is that of the layout of `wanted`. */
static InferredTypes
take_year_last(Reader *in, InferredType wanted, Date *date)
{
	Date swapped;
	char separator;
	InferredTypes types = 0;

	if (!take_number(in, 1, 2, &date->day) || !take_separator(in, "/.-", &separator))
		return 0;
	if (separator == '-' && take_month_name(in, &date->month))
		return take(in, '-') && take_number(in, 4, 4, &date->year) && is_date(date) ? BIT(INFERRED_DATE_MONTH)
																					: 0;
	if (!take_number(in, 1, 2, &date->month) || !take(in, separator) || !take_number(in, 4, 4, &date->year))
		return 0;
	swapped = (Date){date->year, date->day, date->month};
	if (is_date(date))
		types |= BIT(INFERRED_DATE_DMY);
	if (separator != '.' && is_date(&swapped))
		types |= BIT(INFERRED_DATE_MDY);
	if (wanted == INFERRED_DATE_MDY || wanted == INFERRED_TIMESTAMP_MDY)
		*date = swapped;
	return types;
}

static InferredTypes
take_date(Reader *in, InferredType wanted, Date *date)
{
	bool is_year = in->end - in->at >= 8 && is_digit(in->at[2]) && is_digit(in->at[3]);

	return is_year ? take_year_first(in, date) : take_year_last(in, wanted, date);
}

/* HH:MM, HH:MM:SS, with up to 9 digits behind a point. */
static bool
take_time(Reader *in)
{
	int hour;
	int minute;
	int second;
	const char *start;

	if (!take_number(in, 1, 2, &hour) || hour > 23 || !take(in, ':') || !take_number(in, 2, 2, &minute) ||
		minute > 59)
		return false;
	if (!take(in, ':'))
		return true;
	if (!take_number(in, 2, 2, &second) || second > 59)
		return false;
	start = in->at;
	if (take(in, '.') && (take_digits(in) == 0 || in->at - start > 10))
		return false;
	return true;
}

/* Z, +01, +0100, +01:00 */
static bool
take_zone(Reader *in)
{
	int hours;
	int minutes;

	if (take(in, 'Z') || take(in, 'z'))
		return true;
	take(in, ' ');
	if (!take(in, '+') && !take(in, '-'))
		return false;
	if (!take_number(in, 2, 2, &hours) || hours > 15)
		return false;
	if (is_done(in))
		return true;
	take(in, ':');
	return take_number(in, 2, 2, &minutes) && minutes <= 59;
}

static InferredTypes
timestamp_types(InferredTypes date_types)
{
	InferredTypes types = 0;

	if (date_types & BIT(INFERRED_DATE))
		types |= BIT(INFERRED_TIMESTAMP);
	if (date_types & BIT(INFERRED_DATE_YMD))
		types |= BIT(INFERRED_TIMESTAMP_YMD);
	if (date_types & BIT(INFERRED_DATE_DMY))
		types |= BIT(INFERRED_TIMESTAMP_DMY);
	if (date_types & BIT(INFERRED_DATE_MDY))
		types |= BIT(INFERRED_TIMESTAMP_MDY);
	return types;
}

/* A date is a timestamp, too: of its midnight. */
static InferredTypes
time_types(const char *text, size_t length)
{
	Reader in = {text, text + length};
	Reader zoned;
	Date date;
	InferredTypes dates;
	InferredTypes types;

	if (take_time(&in) && is_done(&in))
		return BIT(INFERRED_TIME);
	in.at = text;
	dates = take_date(&in, INFERRED_DATE, &date);
	types = timestamp_types(dates);
	if (dates == 0 || is_done(&in))
		return dates | types;
	if (!take(&in, 'T') && !take(&in, ' '))
		return 0;
	if (!take_time(&in))
		return 0;
	if (is_done(&in))
		return types;
	zoned = in;
	return dates == BIT(INFERRED_DATE) && take_zone(&zoned) && is_done(&zoned) ? BIT(INFERRED_TIMESTAMPTZ)
																			   : 0;
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
			types |= time_types(text, length);
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

/* The date in ISO form, then what follows it. */
static void
write_date(WireBuffer *out, InferredType type, const char *text, size_t length)
{
	Reader in = {text, text + length};
	Date date = {0};
	char iso[40];

	take_date(&in, type, &date);
	snprintf(iso, sizeof(iso), "%04d-%02d-%02d", date.year, date.month, date.day);
	wire_append_text(out, iso);
	wire_append(out, in.at, (size_t) (in.end - in.at));
}

static bool
is_other_date(InferredType type)
{
	return type >= INFERRED_DATE_YMD && type <= INFERRED_TIMESTAMP_MDY && type != INFERRED_TIME &&
		   type != INFERRED_TIMESTAMP;
}

void
inferred_write(WireBuffer *out, InferredType type, const char *text, size_t length)
{
	bool is_rewritten = (type == INFERRED_DECIMAL_COMMA || is_other_date(type)) &&
						(infer_value(text, length) & BIT(type)) != 0;

	if (!is_rewritten)
		wire_append(out, text, length);
	else if (type == INFERRED_DECIMAL_COMMA)
		write_decimal_comma(out, text, length);
	else
		write_date(out, type, text, length);
}
