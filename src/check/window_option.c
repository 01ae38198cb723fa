/*
 * window_option.c — reads a window and its faults; the server's time zones are its calendar.
 */
#include "check/window_option.h"

#include <ctype.h>

#include "pgtime.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "check/window.h"

#define MINUTES_OF_DAY    1440
#define LONGEST_ZONE_NAME 100

/* In the order of RgWindow's bits. */
static const char *const day_names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

typedef struct Reading
{
	RgWindow window;
	pg_tz *zone;
} Reading;

/* ---- reading: each returns what is wrong with the value, or NULL ---- */

static bool
two_digits(const char *text, int most, int *number)
{
	if (!isdigit((unsigned char) text[0]) || !isdigit((unsigned char) text[1]))
		return false;
	*number = (text[0] - '0') * 10 + text[1] - '0';
	return *number <= most;
}

static bool
read_time(const JsonbValue *value, int *minutes)
{
	int hour;
	int minute;

	if (value->type != jbvString || value->val.string.len != 5 || value->val.string.val[2] != ':' ||
		!two_digits(value->val.string.val, 24, &hour) || !two_digits(value->val.string.val + 3, 59, &minute))
		return false;
	*minutes = hour * 60 + minute;
	return *minutes <= MINUTES_OF_DAY;
}

static const char *
read_from(const JsonbValue *value, Reading *reading)
{
	if (!read_time(value, &reading->window.from) || reading->window.from == MINUTES_OF_DAY)
		return "must be a time from \"00:00\" to \"23:59\"";
	return NULL;
}

/* Midnight is the end of the day. */
static const char *
read_to(const JsonbValue *value, Reading *reading)
{
	if (!read_time(value, &reading->window.to))
		return "must be a time from \"00:00\" to \"24:00\"";
	if (reading->window.to == 0)
		reading->window.to = MINUTES_OF_DAY;
	return NULL;
}

/* Refuses names with digits, which would be read as POSIX rules, whose signs are inverted. */
static bool
is_zone_name(const char *name, int length)
{
	for (int i = 0; i < length; i++)
	{
		if (!isalpha((unsigned char) name[i]) && strchr("/_-", name[i]) == NULL)
			return false;
	}
	return length > 0 && length <= LONGEST_ZONE_NAME && isalpha((unsigned char) name[0]);
}

static const char *
read_zone(const JsonbValue *value, Reading *reading)
{
	reading->zone = NULL;
	if (value->type == jbvString && is_zone_name(value->val.string.val, value->val.string.len))
		reading->zone = pg_tzset(pnstrdup(value->val.string.val, value->val.string.len));
	return reading->zone == NULL ? "is not a time zone that this server knows" : NULL;
}

static bool
read_day(const JsonbValue *value, unsigned *days)
{
	for (int i = 0; value->type == jbvString && i < (int) lengthof(day_names); i++)
	{
		if (value->val.string.len == 3 && pg_strncasecmp(value->val.string.val, day_names[i], 3) == 0)
		{
			*days |= 1u << i;
			return true;
		}
	}
	return false;
}

static const char *
read_days(const JsonbValue *value, Reading *reading)
{
	static const char *const fault = "must be an array of one or more of mon, tue, wed, thu, fri, sat, sun";
	JsonbContainer *array = value->val.binary.data;

	reading->window.days = 0;
	if (value->type != jbvBinary || !JsonContainerIsArray(array) || JsonContainerIsScalar(array) ||
		JsonContainerSize(array) == 0)
		return fault;
	for (uint32 i = 0; i < JsonContainerSize(array); i++)
	{
		if (!read_day(getIthJsonbValueFromContainer(array, i), &reading->window.days))
			return fault;
	}
	return NULL;
}

#define HINT_TIMES "Times are written \"22:00\"; an end that is not later than the begin is on the next day."

static const struct
{
	const char *name;
	const char *(*read)(const JsonbValue *value, Reading *reading);
	const char *hint;
} members[] = {
	{"from", read_from, HINT_TIMES},
	{"to", read_to, HINT_TIMES},
	{"time_zone", read_zone, "A name such as Europe/Berlin, America/New_York or UTC: see pg_timezone_names."},
	{"days", read_days, "The days are those on which the window begins."},
};

/* ---- the whole ---- */

static void
read_member(RgFaults *faults, const char *label, const JsonbValue *key, const JsonbValue *value,
			Reading *reading)
{
	const char *names[lengthof(members)];
	const char *nearest;

	for (int i = 0; i < (int) lengthof(members); i++)
	{
		const char *fault;

		names[i] = members[i].name;
		if (key->val.string.len != (int) strlen(names[i]) ||
			memcmp(key->val.string.val, names[i], key->val.string.len) != 0)
			continue;
		fault = value->type == jbvNull ? NULL : members[i].read(value, reading);
		if (fault != NULL)
		{
			rg_fault(faults, psprintf("%s.%s", label, names[i]), "%s", fault);
			rg_fault_hint(faults, members[i].hint);
		}
		return;
	}
	nearest = rg_nearest(faults, key->val.string.val, key->val.string.len, names, lengthof(members));
	label = psprintf("%s.%s", label, rg_printable_name(key->val.string.val, key->val.string.len));
	if (nearest != NULL)
		rg_fault(faults, label, "is not known; did you mean %s?", nearest);
	else
		rg_fault(faults, label, "is not known");
}

static void
read_window(RgFaults *faults, const char *label, const JsonbValue *value, Reading *reading)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue key;
	JsonbValue member;
	int before = faults->count;

	*reading = (Reading){.window = {.to = MINUTES_OF_DAY, .days = RG_EVERY_DAY}, .zone = pg_tzset("UTC")};
	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
	{
		rg_fault(faults, label, "must be an object with from, to, time_zone and days");
		return;
	}
	iterator = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		if (token != WJB_KEY)
			continue;
		JsonbIteratorNext(&iterator, &member, true);
		read_member(faults, label, &key, &member, reading);
	}
	if (faults->count == before && reading->window.from == reading->window.to % MINUTES_OF_DAY &&
		reading->window.from != 0)
	{
		rg_fault(faults, psprintf("%s.to", label), "must differ from from");
		rg_fault_hint(faults, "A whole day is from \"00:00\" to \"24:00\".");
	}
}

void
rg_window_check(RgFaults *faults, const char *label, const JsonbValue *value)
{
	Reading reading;

	read_window(faults, label, value, &reading);
}

/* ---- the server's time zones ---- */

#define SECONDS_TO_2000 ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

static int64_t
day_of(const void *zone, int64_t moment)
{
	pg_time_t seconds = moment;
	const struct pg_tm *local = pg_localtime(&seconds, zone);

	return date2j(local->tm_year + 1900, local->tm_mon + 1, local->tm_mday) - UNIX_EPOCH_JDATE;
}

static int64_t
moment_of(const void *zone, int64_t day, int minute)
{
	struct pg_tm local = {.tm_hour = minute / 60, .tm_min = minute % 60, .tm_isdst = -1};

	j2date((int) (day + UNIX_EPOCH_JDATE), &local.tm_year, &local.tm_mon, &local.tm_mday);
	return day * SECS_PER_DAY + minute * SECS_PER_MINUTE +
		   DetermineTimeZoneOffset(&local, unconstify(void *, zone));
}

static const JsonbValue *
window_of(Jsonb *metadata)
{
	JsonbValue *discovery =
		getKeyJsonValueFromContainer(&metadata->root, "discovery", strlen("discovery"), NULL);
	JsonbValue *window;

	if (discovery == NULL || discovery->type != jbvBinary ||
		!JsonContainerIsObject(discovery->val.binary.data))
		return NULL;
	window = getKeyJsonValueFromContainer(discovery->val.binary.data, "window", strlen("window"), NULL);
	return window == NULL || window->type == jbvNull ? NULL : window;
}

TimestampTz
rg_window_apply(Jsonb *metadata, TimestampTz due, double chance)
{
	const JsonbValue *value = JB_ROOT_IS_OBJECT(metadata) ? window_of(metadata) : NULL;
	RgFaults faults;
	Reading reading;

	if (value == NULL || TIMESTAMP_NOT_FINITE(due))
		return due;
	rg_faults_begin(&faults);
	read_window(&faults, "window", value, &reading);
	if (faults.count > 0)
		return due;

	RgCalendar calendar = {day_of, moment_of, reading.zone};
	int64 seconds = due / USECS_PER_SEC + SECONDS_TO_2000;
	int64 begin = rg_window_fit(&reading.window, &calendar, seconds, chance);

	return begin == seconds ? due : (begin - SECONDS_TO_2000) * USECS_PER_SEC;
}

bool
rg_window_is_open(Jsonb *columns, TimestampTz moment)
{
	JsonbValue *metadata = getKeyJsonValueFromContainer(&columns->root, "metadata", strlen("metadata"), NULL);

	return metadata == NULL || metadata->type != jbvBinary ||
		   rg_window_apply(JsonbValueToJsonb(metadata), moment, 0) == moment;
}
