#include "connectors/common/compare.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LONGEST_NUMBER  400
#define SECONDS_OF_DAY  86400
#define MICROSECONDS    INT64_C(1000000)
#define MOST_EXPONENT   1000000
#define MOST_YEAR_CHARS 7

ComparedKind
compared_kind(const char *pg_type)
{
	static const struct
	{
		const char *pg_type;
		ComparedKind kind;
	} kinds[] = {{"text", COMPARED_TEXT},
				 {"boolean", COMPARED_BOOLEAN},
				 {"smallint", COMPARED_INTEGER},
				 {"integer", COMPARED_INTEGER},
				 {"bigint", COMPARED_INTEGER},
				 {"numeric", COMPARED_NUMERIC},
				 {"real", COMPARED_REAL},
				 {"double precision", COMPARED_DOUBLE},
				 {"uuid", COMPARED_UUID},
				 {"date", COMPARED_DATE},
				 {"timestamp without time zone", COMPARED_TIMESTAMP},
				 {"timestamp with time zone", COMPARED_TIMESTAMPTZ}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(pg_type ? pg_type : "text", kinds[i].pg_type) == 0)
			return kinds[i].kind;
	return COMPARED_NOT;
}

/* What is left of a text. */
typedef struct Rest
{
	const char *at;
	const char *end;
} Rest;

static bool
is_digit(const Rest *rest)
{
	return rest->at < rest->end && *rest->at >= '0' && *rest->at <= '9';
}

static bool
take(Rest *rest, char byte)
{
	if (rest->at == rest->end || *rest->at != byte)
		return false;
	rest->at++;
	return true;
}

static bool
take_any(Rest *rest, const char *bytes)
{
	for (; *bytes; bytes++)
		if (take(rest, *bytes))
			return true;
	return false;
}

/* A number of least to most digits. */
static bool
take_number(Rest *rest, int least, int most, int64_t *number)
{
	int count = 0;

	for (*number = 0; count < most && is_digit(rest); count++)
		*number = *number * 10 + (*rest->at++ - '0');
	return count >= least && !is_digit(rest);
}

/* ---- truth and numbers ---- */

static bool
read_boolean(Rest rest, ComparedValue *value)
{
	static const char *const words[] = {"f", "t", "false", "true", "no", "yes",
										"n", "y", "off",   "on",   "0",  "1"};
	size_t length = (size_t) (rest.end - rest.at);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == length && strncasecmp(rest.at, words[i], length) == 0)
		{
			value->integer = (int64_t) (i % 2);
			return true;
		}
	return false;
}

/* The functions of libc want a zero behind it. They read more than numbers of decimal digits, too. */
static bool
copy_number(Rest rest, char *copy)
{
	size_t length = (size_t) (rest.end - rest.at);

	if (length == 0 || length > LONGEST_NUMBER)
		return false;
	memcpy(copy, rest.at, length);
	copy[length] = '\0';
	if (strspn(copy, "+-.0123456789eE") < length)
		return false;
	errno = 0;
	return true;
}

static bool
read_integer(Rest rest, ComparedValue *value)
{
	char copy[LONGEST_NUMBER + 1];
	char *end;

	if (!copy_number(rest, copy))
		return false;
	value->integer = strtoll(copy, &end, 10);
	return *end == '\0' && end != copy && errno == 0;
}

static bool
read_special(Rest rest, ComparedValue *value)
{
	static const struct
	{
		const char *word;
		double number;
	} words[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"-Infinity", -INFINITY}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].word) == (size_t) (rest.end - rest.at) &&
			memcmp(words[i].word, rest.at, strlen(words[i].word)) == 0)
		{
			value->number = words[i].number;
			return true;
		}
	return false;
}

static bool
read_double(Rest rest, bool is_real, ComparedValue *value)
{
	char copy[LONGEST_NUMBER + 1];
	char *end;

	if (read_special(rest, value))
		return true;
	if (!copy_number(rest, copy))
		return false;
	value->number = is_real ? (double) strtof(copy, &end) : strtod(copy, &end);
	/* Denormal numbers are values, too. */
	return *end == '\0' && end != copy && (errno == 0 || (isfinite(value->number) && value->number != 0));
}

/* Digits with or without a point, of which at least one. *before: how many stand before the point. */
static bool
take_mantissa(Rest *rest, int64_t *before)
{
	const char *start = rest->at;
	int64_t behind = 0;

	while (is_digit(rest))
		rest->at++;
	*before = rest->at - start;
	if (take(rest, '.'))
		for (; is_digit(rest); behind++)
			rest->at++;
	return *before + behind > 0;
}

/* The value's text is its digits from the first one on that is not 0. */
static void
leave_zeros(ComparedValue *value)
{
	for (; value->length > 0 && (*value->text == '0' || *value->text == '.'); value->text++, value->length--)
		value->integer -= *value->text == '0';
	if (value->length == 0)
		value->sign = 0;
}

static bool
read_numeric(Rest rest, ComparedValue *value)
{
	int64_t exponent = 0;
	bool is_negative;

	value->sign = take(&rest, '-') ? -1 : 1;
	if (value->sign > 0)
		take(&rest, '+');
	value->text = rest.at;
	if (!take_mantissa(&rest, &value->integer))
		return false;
	value->length = (size_t) (rest.at - value->text);
	if (take_any(&rest, "eE"))
	{
		is_negative = take(&rest, '-');
		if (!is_negative)
			take(&rest, '+');
		if (!take_number(&rest, 1, 7, &exponent) || exponent > MOST_EXPONENT)
			return false;
		value->integer += is_negative ? -exponent : exponent;
	}
	leave_zeros(value);
	return rest.at == rest.end;
}

static bool
next_digit(Rest *rest, char *digit)
{
	take(rest, '.');
	*digit = '0';
	if (!is_digit(rest))
		return false;
	*digit = *rest->at++;
	return true;
}

static int
order_digits(const ComparedValue *a, const ComparedValue *b)
{
	Rest first = {a->text, a->text + a->length};
	Rest second = {b->text, b->text + b->length};
	char digit;
	char other;

	for (;;)
	{
		bool has_first = next_digit(&first, &digit);
		bool has_second = next_digit(&second, &other);

		if (digit != other)
			return digit < other ? -1 : 1;
		if (!has_first && !has_second)
			return 0;
	}
}

static int
order_integers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
order_numerics(const ComparedValue *a, const ComparedValue *b)
{
	int order;

	if (a->sign != b->sign || a->sign == 0)
		return a->sign - b->sign;
	order = order_integers(a->integer, b->integer);
	return a->sign * (order != 0 ? order : order_digits(a, b));
}

/* NaN is equal to itself, and greater than all others. */
static int
order_doubles(double a, double b)
{
	if (isnan(a) || isnan(b))
		return (isnan(a) != 0) - (isnan(b) != 0);
	return (a > b) - (a < b);
}

/* ---- uuid ---- */

static bool
read_uuid(Rest rest, ComparedValue *value)
{
	size_t length = (size_t) (rest.end - rest.at);
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
	{
		bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
		char byte = rest.at[i];

		if (length == 36 && is_hyphen && byte == '-')
			continue;
		if (count == sizeof(value->uuid) || strchr("0123456789abcdefABCDEF", byte) == NULL || byte == '\0')
			return false;
		value->uuid[count++] = (char) (byte >= 'A' && byte <= 'F' ? byte - 'A' + 'a' : byte);
	}
	return count == sizeof(value->uuid);
}

/* ---- time ---- */

/* Periods of 400 years that lie before all years of PostgreSQL. */
#define PERIODS        INT64_C(20000)
#define DAYS_OF_PERIOD 146097

/* Days since the year 0, of the calendar that is continued into the past. */
static int64_t
day_number(int64_t year, int64_t month, int64_t day)
{
	int64_t shifted = year - (month <= 2) + PERIODS * 400;
	int64_t month_of_march = (month + 9) % 12;

	return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (month_of_march * 153 + 2) / 5 +
		   day - PERIODS * DAYS_OF_PERIOD;
}

/* Takes the mark of years before the first off the end. */
static bool
take_era(Rest *rest)
{
	bool is_before = rest->end - rest->at > 3 && memcmp(rest->end - 3, " BC", 3) == 0;

	if (is_before)
		rest->end -= 3;
	return is_before;
}

static bool
take_date(Rest *rest, int64_t *days)
{
	bool is_before = take_era(rest);
	int64_t year;
	int64_t month;
	int64_t day;

	if (!take_number(rest, 4, MOST_YEAR_CHARS, &year) || !take(rest, '-') ||
		!take_number(rest, 2, 2, &month) || !take(rest, '-') || !take_number(rest, 2, 2, &day) || year < 1 ||
		month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	*days = day_number(is_before ? 1 - year : year, month, day);
	return true;
}

/* As PostgreSQL rounds it. */
static bool
take_fraction(Rest *rest, int64_t *microseconds)
{
	char copy[16] = "0.";
	size_t length = 2;

	while (is_digit(rest) && length < sizeof(copy) - 1)
		copy[length++] = *rest->at++;
	copy[length] = '\0';
	*microseconds = (int64_t) rint(strtod(copy, NULL) * (double) MICROSECONDS);
	return length > 2 && !is_digit(rest);
}

static bool
take_time(Rest *rest, int64_t *microseconds)
{
	int64_t hour;
	int64_t minute;
	int64_t second = 0;
	int64_t fraction = 0;

	if (!take_number(rest, 1, 2, &hour) || !take(rest, ':') || !take_number(rest, 2, 2, &minute) ||
		hour > 23 || minute > 59)
		return false;
	if (take(rest, ':') && (!take_number(rest, 2, 2, &second) || second > 59))
		return false;
	if (take(rest, '.') && !take_fraction(rest, &fraction))
		return false;
	*microseconds = ((hour * 60 + minute) * 60 + second) * MICROSECONDS + fraction;
	return true;
}

/* Z, +01, +0100, +01:00. */
static bool
take_zone(Rest *rest, int64_t *microseconds)
{
	int64_t hours;
	int64_t minutes = 0;
	bool is_west;
	Rest digits;

	*microseconds = 0;
	if (take_any(rest, "Zz"))
		return true;
	take(rest, ' ');
	is_west = take(rest, '-');
	if (!is_west && !take(rest, '+'))
		return false;
	digits = (Rest){rest->at, rest->end - rest->at > 2 ? rest->at + 2 : rest->end};
	if (!take_number(&digits, 2, 2, &hours) || hours > 15)
		return false;
	rest->at = digits.at;
	if (rest->at < rest->end)
	{
		take(rest, ':');
		if (!take_number(rest, 2, 2, &minutes) || minutes > 59)
			return false;
	}
	*microseconds = (hours * 60 + minutes) * 60 * MICROSECONDS * (is_west ? -1 : 1);
	return true;
}

static bool
read_date(Rest rest, ComparedValue *value)
{
	return take_date(&rest, &value->integer) && rest.at == rest.end;
}

/* So many fit as microseconds, with a time and a zone. PostgreSQL has some years more, which are not
 * compared. */
#define MOST_DAYS (INT64_MAX / (SECONDS_OF_DAY * MICROSECONDS) - 2)

static bool
read_timestamp(Rest rest, bool has_zone, ComparedValue *value)
{
	int64_t days;
	int64_t time = 0;
	int64_t zone = 0;

	if (!take_date(&rest, &days))
		return false;
	if (rest.at < rest.end && (!take_any(&rest, "T ") || !take_time(&rest, &time)))
		return false;
	if (has_zone && !take_zone(&rest, &zone))
		return false;
	if (days > MOST_DAYS || days < -MOST_DAYS)
		return false;
	value->integer = days * SECONDS_OF_DAY * MICROSECONDS + time - zone;
	return rest.at == rest.end;
}

/* ---- values beyond all others ---- */

static bool
is_word(const char *text, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(text, word, length) == 0;
}

static bool
read_numeric_beyond(const char *text, size_t length, ComparedValue *value)
{
	value->sign = is_word(text, length, "NaN")         ? 3
				  : is_word(text, length, "Infinity")  ? 2
				  : is_word(text, length, "-Infinity") ? -2
													   : 0;
	return value->sign != 0;
}

static bool
read_moment_beyond(const char *text, size_t length, ComparedValue *value)
{
	value->integer = is_word(text, length, "infinity") ? INT64_MAX : INT64_MIN;
	return value->integer == INT64_MAX || is_word(text, length, "-infinity");
}

bool
compared_read_beyond(ComparedKind kind, const char *text, size_t length, ComparedValue *value)
{
	*value = (ComparedValue){.text = ""};
	if (kind == COMPARED_NUMERIC)
		return read_numeric_beyond(text, length, value);
	return (kind == COMPARED_DATE || kind == COMPARED_TIMESTAMP || kind == COMPARED_TIMESTAMPTZ) &&
		   read_moment_beyond(text, length, value);
}

/* ---- all of them ---- */

bool
compared_read(ComparedKind kind, const char *text, size_t length, ComparedValue *value)
{
	Rest rest = {text, text + length};

	switch (kind)
	{
		case COMPARED_BOOLEAN:
			return read_boolean(rest, value);
		case COMPARED_INTEGER:
			return read_integer(rest, value);
		case COMPARED_NUMERIC:
			return read_numeric(rest, value);
		case COMPARED_REAL:
		case COMPARED_DOUBLE:
			return read_double(rest, kind == COMPARED_REAL, value);
		case COMPARED_UUID:
			return read_uuid(rest, value);
		case COMPARED_DATE:
			return read_date(rest, value);
		case COMPARED_TIMESTAMP:
		case COMPARED_TIMESTAMPTZ:
			return read_timestamp(rest, kind == COMPARED_TIMESTAMPTZ, value);
		case COMPARED_TEXT:
			value->text = text;
			value->length = length;
			return true;
		default:
			return false;
	}
}

int
compared_order(ComparedKind kind, const ComparedValue *a, const ComparedValue *b)
{
	switch (kind)
	{
		case COMPARED_NUMERIC:
			return order_numerics(a, b);
		case COMPARED_REAL:
		case COMPARED_DOUBLE:
			return order_doubles(a->number, b->number);
		case COMPARED_UUID:
			return memcmp(a->uuid, b->uuid, sizeof(a->uuid));
		case COMPARED_TEXT:
			return a->length != b->length ? 1 : memcmp(a->text, b->text, a->length);
		default:
			return order_integers(a->integer, b->integer);
	}
}
