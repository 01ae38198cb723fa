#include "connectors/common/value_text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400000000)

/* ---- numbers ---- */

static bool
write_special(WireBuffer *out, double number)
{
	if (isnan(number))
		wire_append_text(out, "NaN");
	else if (isinf(number))
		wire_append_text(out, number > 0 ? "Infinity" : "-Infinity");
	else
		return false;
	return true;
}

/* Writes so many digits, with zeros before the number. Returns what is behind them. */
static char *
put_digits(char *text, int64_t number, int count)
{
	for (int i = count; i-- > 0; number /= 10)
		text[i] = (char) ('0' + number % 10);
	return text + count;
}

/*
 * A number of four digits behind the point at most, as those of money are. It has fewer digits in all than
 * every double has, so no shorter text gives the same number. Dividing rounds as reading a text does.
 */
static bool
write_short(WireBuffer *out, double number)
{
	double whole = nearbyint(number * 10000);
	char text[32];
	char *end = text;
	int64_t digits;
	int count = 1;

	if (!(fabs(whole) >= 1 && fabs(whole) < 1e15) || whole / 10000 != number)
		return false;
	if (number < 0)
		*end++ = '-';
	digits = (int64_t) fabs(whole);
	for (int64_t rest = digits / 10000; rest >= 10; rest /= 10)
		count++;
	end = put_digits(end, digits / 10000, count);
	*end++ = '.';
	end = put_digits(end, digits % 10000, 4);
	while (end[-1] == '0')
		end--;
	if (end[-1] == '.')
		end--;
	wire_append(out, text, (size_t) (end - text));
	return true;
}

void
value_text_real(WireBuffer *out, float number)
{
	char text[32];

	if (write_special(out, (double) number))
		return;
	for (int digits = 6; digits <= 9; digits++)
	{
		snprintf(text, sizeof(text), "%.*g", digits, (double) number);
		if (strtof(text, NULL) == number)
			break;
	}
	wire_append_text(out, text);
}

void
value_text_double(WireBuffer *out, double number)
{
	char text[32];

	if (write_special(out, number) || write_short(out, number))
		return;
	for (int digits = 15; digits <= 17; digits++)
	{
		snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	wire_append_text(out, text);
}

/* Digits before the point that are zeros are written as far as PostgreSQL takes them. */
#define MOST_SCALE 1000

void
value_text_decimal(WireBuffer *out, __int128 unscaled, int scale)
{
	unsigned __int128 rest = unscaled < 0 ? ~(unsigned __int128) unscaled + 1 : (unsigned __int128) unscaled;
	char digits[40];
	int count = 0;

	if (scale > MOST_SCALE)
		scale = MOST_SCALE;
	if (unscaled < 0)
		wire_append(out, "-", 1);
	do
		digits[count++] = (char) ('0' + (int) (rest % 10));
	while ((rest /= 10) != 0);
	if (count <= scale)
	{
		wire_append(out, "0.", 2);
		for (int i = count; i < scale; i++)
			wire_append(out, "0", 1);
	}
	for (int i = count - 1; i >= 0; i--)
	{
		wire_append(out, &digits[i], 1);
		if (i == scale && scale > 0 && count > scale)
			wire_append(out, ".", 1);
	}
	for (int i = scale; i < 0 && i > -MOST_SCALE; i++)
		wire_append(out, "0", 1);
}

/* ---- time ---- */

/* Rounds down. */
static int64_t
divide(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

/* The years of 400 begin in March, so that the day of leap years is the last one. */
static int64_t
write_day(WireBuffer *out, int64_t days)
{
	int64_t shifted = days + 719468;
	int64_t era = divide(shifted, 146097);
	int64_t day_of_era = shifted - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	int64_t year = year_of_era + era * 400 + (month >= 10);
	int64_t shown = year > 0 ? year : 1 - year;
	char text[32];
	char *end = text;
	int digits = 4;

	for (int64_t rest = shown / 10000; rest > 0; rest /= 10)
		digits++;
	end = put_digits(end, shown, digits);
	*end++ = '-';
	end = put_digits(end, month < 10 ? month + 3 : month - 9, 2);
	*end++ = '-';
	end = put_digits(end, day_of_year - (153 * month + 2) / 5 + 1, 2);
	wire_append(out, text, (size_t) (end - text));
	return year;
}

static void
write_era(WireBuffer *out, int64_t year)
{
	if (year <= 0)
		wire_append_text(out, " BC");
}

/* So far from 1970 PostgreSQL has no days. The text says so to it. */
#define MOST_DAYS INT64_C(4000000000)

static int64_t
bounded(int64_t days)
{
	return days > MOST_DAYS ? MOST_DAYS : days < -MOST_DAYS ? -MOST_DAYS : days;
}

void
value_text_date(WireBuffer *out, int64_t days)
{
	write_era(out, write_day(out, bounded(days)));
}

void
value_text_time(WireBuffer *out, int64_t microseconds)
{
	int64_t seconds = microseconds / 1000000;
	char text[32];
	char *end = put_digits(text, seconds / 3600, 2);

	*end++ = ':';
	end = put_digits(end, seconds / 60 % 60, 2);
	*end++ = ':';
	end = put_digits(end, seconds % 60, 2);
	*end++ = '.';
	end = put_digits(end, microseconds % 1000000, 6);
	while (end[-1] == '0')
		end--;
	if (end[-1] == '.')
		end--;
	wire_append(out, text, (size_t) (end - text));
}

void
value_text_timestamp(WireBuffer *out, int64_t microseconds, bool with_zone)
{
	int64_t days = divide(microseconds, DAY);
	int64_t year = write_day(out, days);

	wire_append(out, " ", 1);
	value_text_time(out, microseconds - days * DAY);
	if (with_zone)
		wire_append_text(out, "+00");
	write_era(out, year);
}

/* ---- bytes ---- */

void
value_text_bytes(WireBuffer *out, const void *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = bytes;

	wire_append(out, "\\x", 2);
	for (size_t i = 0; i < length; i++)
	{
		char pair[2] = {digits[byte[i] >> 4], digits[byte[i] & 15]};

		wire_append(out, pair, 2);
	}
}

void
value_text_element(WireBuffer *out, const char *bytes, size_t length)
{
	size_t start = 0;

	wire_append(out, "\"", 1);
	for (size_t i = 0; i < length; i++)
		if (bytes[i] == '"' || bytes[i] == '\\')
		{
			wire_append(out, bytes + start, i - start);
			wire_append(out, "\\", 1);
			start = i;
		}
	if (length > start)
		wire_append(out, bytes + start, length - start);
	wire_append(out, "\"", 1);
}
