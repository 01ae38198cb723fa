#include "connectors/files/infer_time.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "connectors/files/infer_reader.h"

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

/* Four digits, or two, which are of the years 1970 to 2069, as PostgreSQL has it. */
static bool
take_short_year(Reader *in, int *year)
{
	const char *start = in->at;

	if (!take_number(in, 2, 4, year) || (!is_done(in) && is_digit(*in->at)))
		return false;
	if (in->at - start == 2)
		*year += *year < 70 ? 2000 : 1900;
	return in->at - start != 3;
}

/* Short years behind points are of whole days and months: 1.2.34 is the number of a section, or a version. */
static bool
take_last_year(Reader *in, const char *start, char separator, int *year)
{
	if (separator == '-' || (separator == '.' && in->at - start < 6))
		return take_number(in, 4, 4, year);
	return take_short_year(in, year);
}

/* One or two digits first: day or month. The date is that of the layout of `wanted`. */
static InferredTypes
take_year_last(Reader *in, InferredType wanted, Date *date)
{
	const char *start = in->at;
	Date swapped;
	char separator;
	InferredTypes types = 0;

	if (!take_number(in, 1, 2, &date->day) || !take_separator(in, "/.-", &separator))
		return 0;
	if (separator == '-' && take_month_name(in, &date->month))
		return take(in, '-') && take_short_year(in, &date->year) && is_date(date) ? BIT(INFERRED_DATE_MONTH)
																				  : 0;
	if (!take_number(in, 1, 2, &date->month) || !take(in, separator) ||
		!take_last_year(in, start, separator, &date->year))
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
	bool is_year = in->end - in->at >= 8 && is_digit(in->at[1]) && is_digit(in->at[2]) && is_digit(in->at[3]);

	return is_year ? take_year_first(in, date) : take_year_last(in, wanted, date);
}

typedef enum Half
{
	HALF_NONE,
	HALF_AM,
	HALF_PM
} Half;

/* AM or PM, perhaps behind a space. */
static Half
take_half(Reader *in)
{
	Reader rest = *in;
	Half half;

	take(&rest, ' ');
	if (rest.end - rest.at != 2 || (rest.at[1] != 'M' && rest.at[1] != 'm'))
		return HALF_NONE;
	half = strncasecmp(rest.at, "A", 1) == 0   ? HALF_AM
		   : strncasecmp(rest.at, "P", 1) == 0 ? HALF_PM
											   : HALF_NONE;
	if (half != HALF_NONE)
		in->at = rest.end;
	return half;
}

/* Minutes and seconds, with up to 9 digits behind a point. */
static bool
take_minutes(Reader *in)
{
	int minute;
	int second;
	const char *start;

	if (!take(in, ':') || !take_number(in, 2, 2, &minute) || minute > 59)
		return false;
	if (!take(in, ':'))
		return true;
	if (!take_number(in, 2, 2, &second) || second > 59)
		return false;
	start = in->at;
	return !take(in, '.') || (take_digits(in) > 0 && in->at - start <= 10);
}

/* HH:MM, HH:MM:SS, also of twelve hours. */
static bool
take_time(Reader *in)
{
	int hour;

	if (!take_number(in, 1, 2, &hour) || hour > 23 || !take_minutes(in))
		return false;
	return take_half(in) == HALF_NONE || (hour >= 1 && hour <= 12);
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
InferredTypes
infer_time_types(const char *text, size_t length)
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

/* ---- writing ---- */

/* A time of twelve hours as one of twenty-four. */
static void
write_time(WireBuffer *out, const char *text, size_t length)
{
	Reader in = {text, text + length};
	const char *minutes;
	char hours[16];
	int hour;
	Half half;

	take_number(&in, 1, 2, &hour);
	minutes = in.at;
	take_minutes(&in);
	length = (size_t) (in.at - minutes);
	half = take_half(&in);
	snprintf(hours, sizeof(hours), "%02d", hour % 12 + (half == HALF_PM ? 12 : 0));
	wire_append_text(out, hours);
	wire_append(out, minutes, length);
}

static bool
is_of_twelve_hours(const char *text, size_t length)
{
	return length > 0 && (text[length - 1] == 'M' || text[length - 1] == 'm');
}

/* The date in ISO form, then the time behind its space. */
static void
write_timestamp(WireBuffer *out, InferredType type, const char *text, size_t length)
{
	Reader in = {text, text + length};
	Date date = {0};
	char iso[40];

	take_date(&in, type, &date);
	snprintf(iso, sizeof(iso), "%04d-%02d-%02d", date.year, date.month, date.day);
	wire_append_text(out, iso);
	if (!is_of_twelve_hours(text, length))
	{
		wire_append(out, in.at, (size_t) (in.end - in.at));
		return;
	}
	wire_append(out, in.at, 1);
	write_time(out, in.at + 1, (size_t) (in.end - in.at) - 1);
}

static bool
is_other_date(InferredType type)
{
	return type >= INFERRED_DATE_YMD && type <= INFERRED_TIMESTAMP_MDY && type != INFERRED_TIME &&
		   type != INFERRED_TIMESTAMP;
}

bool
infer_time_is_rewritten(InferredType type, const char *text, size_t length)
{
	bool has_time = type >= INFERRED_TIME && type <= INFERRED_TIMESTAMP_MDY;

	return is_other_date(type) || (has_time && is_of_twelve_hours(text, length));
}

void
infer_time_write(WireBuffer *out, InferredType type, const char *text, size_t length)
{
	if (type == INFERRED_TIME)
		write_time(out, text, length);
	else
		write_timestamp(out, type, text, length);
}
