#include "connectors/elasticsearch/date_format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MICROSECONDS INT64_C(1000000)
#define DAY_SECONDS  INT64_C(86400)
/* Of both signs; PostgreSQL's time ends in the year 294276. */
#define MOST_SECONDS INT64_C(9000000000000)

/* ---- formats ---- */

typedef struct KnownFormat
{
	const char *name;
	DateFormat format;
} KnownFormat;

#define ISO                                                                                                  \
	{                                                                                                        \
		.is_iso = true                                                                                       \
	}
#define DAY                                                                                                  \
	{                                                                                                        \
		.is_iso = true, .is_day = true                                                                       \
	}

/* Patterns of which every text is ISO 8601, but for a space in place of the T. */
static const KnownFormat known_formats[] = {
	{"strict_date_optional_time", ISO},
	{"strict_date_optional_time_nanos", ISO},
	{"date_optional_time", ISO},
	{"iso8601", ISO},
	{"strict_date_time", ISO},
	{"date_time", ISO},
	{"strict_date_time_no_millis", ISO},
	{"date_time_no_millis", ISO},
	{"strict_date_hour_minute_second", ISO},
	{"date_hour_minute_second", ISO},
	{"yyyy-MM-dd HH:mm:ss", ISO},
	{"yyyy-MM-dd HH:mm:ss.SSS", ISO},
	{"yyyy-MM-dd HH:mm:ss.SSSSSS", ISO},
	{"yyyy-MM-dd'T'HH:mm:ss", ISO},
	{"yyyy-MM-dd'T'HH:mm:ss.SSS", ISO},
	{"yyyy-MM-dd'T'HH:mm:ssZ", ISO},
	{"yyyy-MM-dd'T'HH:mm:ss.SSSZ", ISO},
	{"yyyy-MM-dd'T'HH:mm:ssXXX", ISO},
	{"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", ISO},
	{"yyyy-MM-dd'T'HH:mm:ss'Z'", ISO},
	{"yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", ISO},
	{"strict_date", DAY},
	{"date", DAY},
	{"yyyy-MM-dd", DAY},
	{"uuuu-MM-dd", DAY},
	{"epoch_millis", {.is_milliseconds = true}},
	{"epoch_second", {.is_seconds = true}},
};

static bool
add_known(DateFormat *all, const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(known_formats) / sizeof(known_formats[0]); i++)
	{
		const DateFormat *format = &known_formats[i].format;

		if (strlen(known_formats[i].name) != length || strncmp(known_formats[i].name, name, length) != 0)
			continue;
		all->is_iso |= format->is_iso;
		all->is_milliseconds |= format->is_milliseconds && !all->is_seconds;
		all->is_seconds |= format->is_seconds && !all->is_milliseconds;
		all->is_day &= format->is_day;
		return true;
	}
	return false;
}

DateFormat
date_format_of(const char *format)
{
	DateFormat all = {.is_known = true, .is_day = true};
	const char *name = format ? format : "strict_date_optional_time||epoch_millis";

	for (;;)
	{
		const char *end = strstr(name, "||");

		all.is_known &= add_known(&all, name, end ? (size_t) (end - name) : strlen(name));
		if (end == NULL)
			return all;
		name = end + 2;
	}
}

/* ---- ISO 8601 ---- */

typedef struct Cursor
{
	const char *at;
	const char *end;
} Cursor;

/* Exactly so many digits, between these bounds. */
static bool
take_number(Cursor *cursor, int digits, int least, int most, int *number)
{
	*number = 0;
	if (cursor->end - cursor->at < digits)
		return false;
	for (int i = 0; i < digits; i++, cursor->at++)
	{
		if (!isdigit((unsigned char) *cursor->at))
			return false;
		*number = *number * 10 + (*cursor->at - '0');
	}
	return *number >= least && *number <= most;
}

static bool
take_mark(Cursor *cursor, const char *marks)
{
	if (cursor->at == cursor->end || strchr(marks, *cursor->at) == NULL || *cursor->at == '\0')
		return false;
	cursor->at++;
	return true;
}

static int64_t
days_since_1970(int year, int month, int day)
{
	/* Years begin in March, so that the day that leap years add is the last one. */
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t m = month <= 2 ? month + 9 : month - 3;

	return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719468;
}

static bool
is_day_of(int year, int month, int day)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return day <= days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* The month and the day may be left out. */
static bool
take_day(Cursor *cursor, int64_t *days)
{
	int year;
	int month = 1;
	int day = 1;

	if (!take_number(cursor, 4, 1, 9999, &year))
		return false;
	if (take_mark(cursor, "-") && !take_number(cursor, 2, 1, 12, &month))
		return false;
	if (take_mark(cursor, "-") && !take_number(cursor, 2, 1, 31, &day))
		return false;
	*days = days_since_1970(year, month, day);
	return is_day_of(year, month, day);
}

static bool
take_fraction(Cursor *cursor, int64_t *microseconds)
{
	int64_t unit = MICROSECONDS / 10;
	int digits = 0;

	for (; cursor->at < cursor->end && isdigit((unsigned char) *cursor->at); cursor->at++, digits++)
	{
		*microseconds += unit * (*cursor->at - '0');
		unit /= 10;
	}
	return digits > 0 && digits <= 9;
}

/* Minutes and seconds may be left out. */
static bool
take_time(Cursor *cursor, int64_t *microseconds)
{
	int hour;
	int minute = 0;
	int second = 0;

	*microseconds = 0;
	if (!take_number(cursor, 2, 0, 23, &hour))
		return false;
	if (take_mark(cursor, ":") && !take_number(cursor, 2, 0, 59, &minute))
		return false;
	if (take_mark(cursor, ":") && !take_number(cursor, 2, 0, 59, &second))
		return false;
	*microseconds = (hour * INT64_C(3600) + minute * INT64_C(60) + second) * MICROSECONDS;
	return !take_mark(cursor, ".,") || take_fraction(cursor, microseconds);
}

/* Seconds east of UTC, which a date without an offset is of. */
static bool
take_offset(Cursor *cursor, int64_t *seconds)
{
	int sign;
	int hours;
	int minutes = 0;

	*seconds = 0;
	if (cursor->at == cursor->end || take_mark(cursor, "Z"))
		return true;
	sign = *cursor->at == '-' ? -1 : 1;
	if (!take_mark(cursor, "+-") || !take_number(cursor, 2, 0, 18, &hours))
		return false;
	(void) take_mark(cursor, ":");
	if (cursor->at < cursor->end && !take_number(cursor, 2, 0, 59, &minutes))
		return false;
	*seconds = sign * (hours * INT64_C(3600) + minutes * INT64_C(60));
	return true;
}

static bool
read_iso(const char *text, size_t length, int64_t *microseconds)
{
	Cursor cursor = {.at = text, .end = text + length};
	int64_t days;
	int64_t time = 0;
	int64_t offset = 0;

	if (!take_day(&cursor, &days))
		return false;
	if (take_mark(&cursor, "T ") && (!take_time(&cursor, &time) || !take_offset(&cursor, &offset)))
		return false;
	*microseconds = (days * DAY_SECONDS - offset) * MICROSECONDS + time;
	return cursor.at == cursor.end;
}

/* ---- numbers ---- */

static bool
read_since_1970(const char *text, size_t length, int64_t unit, int64_t *microseconds)
{
	char digits[24];
	char *end;
	long long number;

	if (length == 0 || length >= sizeof(digits) || (!isdigit((unsigned char) text[0]) && text[0] != '-'))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	number = strtoll(digits, &end, 10);
	if (*end != '\0' || number > MOST_SECONDS * MICROSECONDS / unit ||
		number < -MOST_SECONDS * MICROSECONDS / unit)
		return false;
	*microseconds = number * unit;
	return true;
}

/* A number of four digits is a year, if the format has years. */
bool
date_read(const DateFormat *format, const char *text, size_t length, int64_t *microseconds)
{
	if (format->is_iso && read_iso(text, length, microseconds))
		return true;
	if (format->is_milliseconds)
		return read_since_1970(text, length, MICROSECONDS / 1000, microseconds);
	return format->is_seconds && read_since_1970(text, length, MICROSECONDS, microseconds);
}
