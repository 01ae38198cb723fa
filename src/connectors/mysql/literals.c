/*
 * literals.c — writes literals. A value is written only if it consists of what such values consist of.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "connectors/mysql/literals.h"
#include "connectors/mysql/statements.h"

static bool
is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

static bool
is_of_form(const char *value, const char *form)
{
	for (; *form; form++, value++)
		if (*form == '0'   ? *value < '0' || *value > '9'
			: *form == 'x' ? !strchr("0123456789abcdef", *value) || !*value
						   : *value != *form)
			return false;
	return *value == '\0';
}

/* ---- numbers ---- */

static Place
special_number(const char *value)
{
	static const char *const above[] = {"NaN", "Infinity", NULL};

	if (is_one_of(value, above))
		return PLACE_ABOVE;
	return strcmp(value, "-Infinity") == 0 ? PLACE_BELOW : PLACE_UNKNOWN;
}

/* Digits with a sign and a point, as far as MySQL reads them exactly. */
static Place
write_number(WireBuffer *sql, const char *value)
{
	const char *digits = value + (*value == '-');
	size_t whole = strspn(digits, "0123456789");
	size_t fraction = digits[whole] == '.' ? 1 + strspn(digits + whole + 1, "0123456789") : 0;

	if (whole == 0 || whole > 35 || fraction > 30 || digits[whole + fraction] != '\0')
		return special_number(value);
	wire_append_text(sql, value);
	return PLACE_AMONG;
}

/* A float is compared as the double that has its value. */
static Place
write_float(WireBuffer *sql, const char *value, bool is_single)
{
	char text[40];
	char *end;
	double number = is_single ? (double) strtof(value, &end) : strtod(value, &end);

	if (special_number(value) != PLACE_UNKNOWN)
		return special_number(value);
	if (end == value || *end != '\0' || value[strspn(value, "+-.0123456789eE")] != '\0' || !isfinite(number))
		return PLACE_UNKNOWN;
	snprintf(text, sizeof(text), "%.16e", number);
	wire_append_text(sql, text);
	return PLACE_AMONG;
}

/* ---- days and moments ---- */

static void
write_typed(WireBuffer *sql, const char *type, const char *text)
{
	wire_append_text(sql, type);
	wire_append_text(sql, "'");
	wire_append_text(sql, text);
	wire_append_text(sql, "'");
}

/* Infinity, years of more than four digits, and years before Christ. */
static Place
special_day(const char *value)
{
	size_t length = strlen(value);

	if (strcmp(value, "infinity") == 0)
		return PLACE_ABOVE;
	if (strcmp(value, "-infinity") == 0 || (length > 3 && strcmp(value + length - 3, " BC") == 0))
		return PLACE_BELOW;
	return strspn(value, "0123456789") > 4 && value[strspn(value, "0123456789")] == '-' ? PLACE_ABOVE
																						: PLACE_UNKNOWN;
}

static Place
write_date(WireBuffer *sql, const char *value)
{
	if (!is_of_form(value, "0000-00-00"))
		return special_day(value);
	write_typed(sql, "DATE", value);
	return PLACE_AMONG;
}

/* The moment up to its offset: a day, a time, and up to six digits of a second. Returns its length, or 0. */
static size_t
moment_length(const char *value)
{
	static const char form[] = "0000-00-00 00:00:00";
	char whole[sizeof(form)];
	size_t length = sizeof(form) - 1;
	size_t digits;

	if (strlen(value) < length)
		return 0;
	memcpy(whole, value, length);
	whole[length] = '\0';
	if (!is_of_form(whole, form))
		return 0;
	if (value[length] != '.')
		return length;
	digits = strspn(value + length + 1, "0123456789");
	return digits >= 1 && digits <= 6 ? length + 1 + digits : 0;
}

static Place
write_moment(WireBuffer *sql, const char *value)
{
	size_t length = moment_length(value);

	if (length == 0 || value[length] != '\0')
		return special_day(value);
	write_typed(sql, "TIMESTAMP", value);
	return PLACE_AMONG;
}

/* "+05", "-03:30" or "+01:02:03", in seconds. Returns whether it is one. */
static bool
read_offset(const char *text, long *seconds)
{
	static const char *const forms[] = {"+00", "-00", "+00:00", "-00:00", "+00:00:00", "-00:00:00", NULL};
	int hours = 0;
	int minutes = 0;
	int rest = 0;
	const char *const *form = forms;

	while (*form && !is_of_form(text, *form))
		form++;
	if (*form == NULL)
		return false;
	sscanf(text + 1, "%2d:%2d:%2d", &hours, &minutes, &rest);
	*seconds = hours * 3600L + minutes * 60L + rest;
	if (*text == '-')
		*seconds = -*seconds;
	return true;
}

/* A moment of any zone, as one of UTC, which is the session's. */
static Place
write_moment_of_zone(WireBuffer *sql, const char *value)
{
	size_t length = moment_length(value);
	struct tm moment = {0};
	char day[32];
	char whole[48];
	long offset;
	time_t at;

	if (length == 0 || !read_offset(value + length, &offset))
		return special_day(value);
	sscanf(value, "%4d-%2d-%2d %2d:%2d:%2d", &moment.tm_year, &moment.tm_mon, &moment.tm_mday,
		   &moment.tm_hour, &moment.tm_min, &moment.tm_sec);
	moment.tm_year -= 1900;
	moment.tm_mon--;
	at = timegm(&moment) - offset;
	if (gmtime_r(&at, &moment) == NULL || moment.tm_year < 1 - 1900)
		return PLACE_BELOW;
	if (moment.tm_year > 9999 - 1900)
		return PLACE_ABOVE;
	strftime(day, sizeof(day), "%Y-%m-%d %H:%M:%S", &moment);
	/* The C library writes a year before 1000 without its zeros. */
	snprintf(whole, sizeof(whole), "%04d%s%.*s", moment.tm_year + 1900, strchr(day, '-'),
			 (int) (length - strlen("0000-00-00 00:00:00")), value + strlen("0000-00-00 00:00:00"));
	write_typed(sql, "TIMESTAMP", whole);
	return PLACE_AMONG;
}

static Place
write_uuid(WireBuffer *sql, const char *value)
{
	if (!is_of_form(value, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"))
		return PLACE_UNKNOWN;
	write_text(sql, value);
	return PLACE_AMONG;
}

Place
literal_write(WireBuffer *sql, const char *pg_type, const char *value)
{
	static const char *const numbers[] = {"smallint", "integer", "bigint", "numeric", NULL};

	if (is_one_of(pg_type, numbers))
		return write_number(sql, value);
	if (strcmp(pg_type, "real") == 0 || strcmp(pg_type, "double precision") == 0)
		return write_float(sql, value, strcmp(pg_type, "real") == 0);
	if (strcmp(pg_type, "date") == 0)
		return write_date(sql, value);
	if (strcmp(pg_type, "timestamp without time zone") == 0)
		return write_moment(sql, value);
	if (strcmp(pg_type, "timestamp with time zone") == 0)
		return write_moment_of_zone(sql, value);
	if (strcmp(pg_type, "uuid") == 0)
		return write_uuid(sql, value);
	if (strcmp(pg_type, "text") != 0)
		return PLACE_UNKNOWN;
	write_text(sql, value);
	return PLACE_AMONG;
}
