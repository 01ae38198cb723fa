#include "connectors/excel/serial.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS 86400000
/* Days from 1970-01-01 back to what is day 0. */
#define DAYS_TO_1900 25569
#define DAYS_TO_1904 24107
/* The first day that no program shows: 10000-01-01. */
#define LAST_DAY 2958466
/* Up to it every whole number has a double of its own. */
#define MOST_EXACT 9007199254740992.0

/* ---- formats ---- */

NumberFormat
format_of_number(int number)
{
	if ((number >= 14 && number <= 17) || (number >= 27 && number <= 31) || number == 36 ||
		(number >= 50 && number <= 54) || number == 57 || number == 58)
		return FORMAT_DATE;
	if ((number >= 18 && number <= 21) || (number >= 32 && number <= 35) || number == 45 || number == 47 ||
		number == 55 || number == 56)
		return FORMAT_TIME;
	return number == 22 ? FORMAT_DATETIME : number == 46 ? FORMAT_DURATION : FORMAT_NUMBER;
}

/* What a format's code has. */
typedef struct FormatParts
{
	bool has_date;
	bool has_time;
	bool has_months; /* or minutes */
	bool has_elapsed;
} FormatParts;

/* Returns the place of the closing bracket. */
static const char *
take_bracket(const char *at, FormatParts *parts)
{
	const char *end = strchr(at, ']');
	size_t length = end ? (size_t) (end - at - 1) : 0;

	if (end == NULL)
		return at;
	if (length > 0 && length <= 4 &&
		(strspn(at + 1, "hH") == length || strspn(at + 1, "mM") == length || strspn(at + 1, "sS") == length))
		parts->has_elapsed = true;
	return end;
}

/* Returns the place of the last character that it takes. */
static const char *
take_character(const char *at, FormatParts *parts)
{
	switch (*at)
	{
		case '"':
			return strchr(at + 1, '"') ? strchr(at + 1, '"') : at;
		case '\\':
		case '_':
		case '*':
			return at[1] ? at + 1 : at;
		case '[':
			return take_bracket(at, parts);
		case 'y':
		case 'Y':
		case 'd':
		case 'D':
			parts->has_date = true;
			break;
		case 'h':
		case 'H':
		case 's':
		case 'S':
			parts->has_time = true;
			break;
		case 'm':
		case 'M':
			parts->has_months = true;
			break;
		default:
			break;
	}
	return at;
}

NumberFormat
format_of_code(const char *code)
{
	FormatParts parts = {.has_date = false};

	if (strcasecmp(code, "General") == 0 || strcasecmp(code, "Standard") == 0)
		return FORMAT_NUMBER;
	for (const char *at = code; *at && *at != ';'; at++)
	{
		if (strncasecmp(at, "AM/PM", 5) == 0)
			at += 4;
		else
			at = take_character(at, &parts);
	}
	if (parts.has_elapsed)
		return FORMAT_DURATION;
	if (parts.has_date || (parts.has_months && !parts.has_time))
		return parts.has_time ? FORMAT_DATETIME : FORMAT_DATE;
	return parts.has_time ? FORMAT_TIME : FORMAT_NUMBER;
}

/* ---- values ---- */

void
text_add(SheetRow *row, int column, CellKind kind, const char *text, size_t length)
{
	row_add_cell(row, column, kind);
	wire_append(&row->text, text, length);
	row_end_cell(row);
}

static void
write_number(SheetRow *row, int column, double value)
{
	char text[64];

	if (value == floor(value) && fabs(value) <= MOST_EXACT)
	{
		int length = snprintf(text, sizeof(text), "%.0f", value == 0 ? 0 : value);

		text_add(row, column, CELL_INTEGER, text, (size_t) length);
		return;
	}
	for (int digits = 15; digits <= 17; digits++)
	{
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	text_add(row, column, CELL_NUMBER, text, strlen(text));
}

/* The day that the proleptic Gregorian calendar has so many days after 1970-01-01. */
static int
write_day(char *text, size_t size, int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097;
	int64_t of_era = z - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;
	int64_t day = of_year - (153 * month + 2) / 5 + 1;

	month += month < 10 ? 3 : -9;
	return snprintf(text, size, "%04d-%02d-%02d", (int) (year + era * 400 + (month <= 2)), (int) month,
					(int) day);
}

static int
write_clock(char *text, size_t size, int64_t ms)
{
	int64_t hours = ms / 3600000;
	int minutes = (int) (ms / 60000 % 60);
	int seconds = (int) (ms / 1000 % 60);
	int fraction = (int) (ms % 1000);

	if (fraction == 0)
		return snprintf(text, size, "%02lld:%02d:%02d", (long long) hours, minutes, seconds);
	return snprintf(text, size, "%02lld:%02d:%02d.%03d", (long long) hours, minutes, seconds, fraction);
}

static void
write_duration(SheetRow *row, int column, int64_t ms)
{
	char text[64];
	int length = ms < 0 ? snprintf(text, sizeof(text), "-") : 0;

	length += write_clock(text + length, sizeof(text) - (size_t) length, ms < 0 ? -ms : ms);
	text_add(row, column, CELL_DURATION, text, (size_t) length);
}

/* Of the calendar of 1900 the 29 February is one day too many. */
static int64_t
unix_day(int64_t day, bool from_1904)
{
	if (from_1904)
		return day - DAYS_TO_1904;
	return day < 60 ? day - DAYS_TO_1900 + 1 : day - DAYS_TO_1900;
}

static void
write_moment(SheetRow *row, int column, int64_t ms, NumberFormat format, bool from_1904)
{
	char text[64];
	int length;

	if (format == FORMAT_TIME && ms < DAY_MS)
	{
		length = write_clock(text, sizeof(text), ms);
		text_add(row, column, CELL_TIME, text, (size_t) length);
		return;
	}
	length = write_day(text, sizeof(text), unix_day(ms / DAY_MS, from_1904));
	if (format == FORMAT_DATE && ms % DAY_MS == 0)
	{
		text_add(row, column, CELL_DATE, text, (size_t) length);
		return;
	}
	text[length++] = ' ';
	length += write_clock(text + length, sizeof(text) - (size_t) length, ms % DAY_MS);
	text_add(row, column, CELL_DATETIME, text, (size_t) length);
}

void
serial_add(SheetRow *row, int column, double value, NumberFormat format, bool from_1904)
{
	if (!isfinite(value))
	{
		text_add(row, column, CELL_ERROR, "#NUM!", 5);
		return;
	}
	if (format == FORMAT_NUMBER || fabs(value) >= LAST_DAY || (value < 0 && format != FORMAT_DURATION))
		write_number(row, column, value);
	else if (format == FORMAT_DURATION)
		write_duration(row, column, llround(value * DAY_MS));
	else
		write_moment(row, column, llround(value * DAY_MS), format, from_1904);
}

void
number_add(SheetRow *row, int column, const char *text, size_t length, NumberFormat format, bool from_1904)
{
	char *end;
	double value;

	if (length == 0)
		return;
	if (strspn(text, "0123456789+-.eE") != length)
	{
		text_add(row, column, CELL_TEXT, text, length);
		return;
	}
	value = strtod(text, &end);
	if (end != text + length)
		text_add(row, column, CELL_TEXT, text, length);
	else
		serial_add(row, column, value, format, from_1904);
}

/* ---- ISO 8601 ---- */

static bool
matches(const char *text, size_t length, const char *pattern)
{
	for (; *pattern; pattern++, text++, length--)
		if (length == 0 || (*pattern == '0' ? !isdigit((unsigned char) *text) : *text != *pattern))
			return false;
	return true;
}

static bool
is_day(const char *text, size_t length)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day;

	if (!matches(text, length, "0000-00-00"))
		return false;
	year = atoi(text);
	month = atoi(text + 5);
	day = atoi(text + 8);
	if (year < 1 || month < 1 || month > 12 || day < 1)
		return false;
	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		return day <= 29;
	return day <= days[month - 1];
}

/* Also with digits behind a point, and a Z. */
static bool
is_clock(const char *text, size_t length)
{
	if (!matches(text, length, "00:00:00") || atoi(text) > 23 || atoi(text + 3) > 59 || atoi(text + 6) > 59)
		return false;
	text += 8;
	length -= 8;
	if (length > 1 && *text == '.')
		for (text++, length--; length > 0 && isdigit((unsigned char) *text); length--)
			text++;
	return length == 0 || (length == 1 && *text == 'Z');
}

/* Without a Z, which no cell's time means. */
static void
add_clocked(SheetRow *row, int column, CellKind kind, const char *text, size_t length)
{
	text_add(row, column, kind, text, text[length - 1] == 'Z' ? length - 1 : length);
}

void
iso_add(SheetRow *row, int column, const char *text, size_t length)
{
	bool has_day = is_day(text, length);

	if (has_day && length == 10)
		text_add(row, column, CELL_DATE, text, length);
	else if (has_day && (text[10] == 'T' || text[10] == ' ') && is_clock(text + 11, length - 11))
		add_clocked(row, column, CELL_DATETIME, text, length);
	else if (is_clock(text, length))
		add_clocked(row, column, CELL_TIME, text, length);
	else
		text_add(row, column, CELL_TEXT, text, length);
}

void
iso_duration_add(SheetRow *row, int column, const char *text, size_t length, bool is_time)
{
	const char *at = text;
	bool is_negative = *at == '-';
	double ms = 0;

	at += is_negative;
	if (*at != 'P')
	{
		text_add(row, column, CELL_TEXT, text, length);
		return;
	}
	for (at++; *at;)
	{
		char *end;
		double number = strtod(at, &end);

		if (*at == 'T')
		{
			at++;
			continue;
		}
		if (end == at || *end == '\0')
			break;
		ms += number * (*end == 'D' ? DAY_MS : *end == 'H' ? 3600000 : *end == 'M' ? 60000 : 1000);
		at = end + 1;
	}
	if (*at || !isfinite(ms) || ms > 1e15)
		text_add(row, column, CELL_TEXT, text, length);
	else if (is_time && !is_negative && ms < DAY_MS)
		write_moment(row, column, llround(ms), FORMAT_TIME, false);
	else
		write_duration(row, column, llround(is_negative ? -ms : ms));
}
