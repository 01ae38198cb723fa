/*
 * window.c — when a source is due: the schedule of ten thousand sources and their windows, with clock,
 * calendar and chance in the test's hand. The calendar is the C library's, of real time zones. Prints TAP.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check/window.h"
#include "queue/delay.h"

#define ALMOST_ONE 0.999999
#define SOURCES    10000
#define DAY        INT64_C(86400)
#define HOUR       3600

static int tests;
static int failures;

static void
ok(int fine, const char *name)
{
	printf("%sok %d - %s\n", fine ? "" : "not ", ++tests, name);
	failures += !fine;
}

/* ---- calendars ---- */

static void
use_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

static int64_t
library_day(const void *zone, int64_t moment)
{
	struct tm local;
	time_t seconds = moment;

	(void) zone;
	localtime_r(&seconds, &local);
	local.tm_hour = local.tm_min = local.tm_sec = 0;
	return timegm(&local) / DAY;
}

static int64_t
library_moment(const void *zone, int64_t day, int minute)
{
	struct tm local;
	time_t seconds = day * DAY;

	(void) zone;
	gmtime_r(&seconds, &local);
	local.tm_hour = minute / 60;
	local.tm_min = minute % 60;
	local.tm_isdst = -1;
	return mktime(&local);
}

static const RgCalendar calendar = {library_day, library_moment, NULL};

/* A moment by the clock of the zone in use. */
static int64_t
at(int year, int month, int day, int hour, int minute)
{
	struct tm local = {.tm_year = year - 1900,
					   .tm_mon = month - 1,
					   .tm_mday = day,
					   .tm_hour = hour,
					   .tm_min = minute,
					   .tm_isdst = -1};

	return mktime(&local);
}

static int
minute_of_day(int64_t moment)
{
	struct tm local;
	time_t seconds = moment;

	localtime_r(&seconds, &local);
	return local.tm_hour * 60 + local.tm_min;
}

static int64_t
fit(RgWindow window, int64_t moment, double chance)
{
	return rg_window_fit(&window, &calendar, moment, chance);
}

/* The chance of the n-th source: evenly spread, in an order that has nothing to do with n. */
static double
chance_of(int n)
{
	return (double) ((int64_t) n * 7919 % SOURCES) / SOURCES;
}

/* ---- windows ---- */

static const RgWindow night = {22 * 60, 6 * 60, RG_EVERY_DAY};
static const RgWindow noon = {12 * 60, 13 * 60, RG_EVERY_DAY};
static const RgWindow weekend = {0, 1440, 1u << 5 | 1u << 6};

static void
test_openings(void)
{
	use_zone("Europe/Berlin");
	ok(fit(noon, at(2026, 11, 20, 12, 0), 0.7) == at(2026, 11, 20, 12, 0), "the first minute is inside");
	ok(fit(noon, at(2026, 11, 20, 12, 59), 0.7) == at(2026, 11, 20, 12, 59), "the last minute too");
	ok(fit(noon, at(2026, 11, 20, 13, 0), 0) == at(2026, 11, 21, 12, 0), "its end is outside: the next day");
	ok(fit(noon, at(2026, 11, 20, 11, 59), 0) == at(2026, 11, 20, 12, 0), "before it: the same day");
	ok(fit(noon, at(2026, 11, 20, 9, 0), ALMOST_ONE) < at(2026, 11, 20, 12, 30),
	   "at most half of it is left to chance");
	ok(fit(night, at(2026, 11, 20, 23, 0), 0.7) == at(2026, 11, 20, 23, 0), "over midnight: the evening");
	ok(fit(night, at(2026, 11, 20, 3, 0), 0.7) == at(2026, 11, 20, 3, 0), "and the morning after");
	ok(fit(night, at(2026, 11, 20, 6, 0), 0) == at(2026, 11, 20, 22, 0), "but not the day");
	ok(fit(weekend, at(2026, 11, 20, 12, 0), 0) == at(2026, 11, 21, 0, 0),
	   "the days: Friday waits for Saturday");
	ok(fit(weekend, at(2026, 11, 22, 23, 59), 0) == at(2026, 11, 22, 23, 59), "Sunday's last minute");
	ok(fit(weekend, at(2026, 11, 23, 0, 0), 0) == at(2026, 11, 28, 0, 0), "Monday waits for Saturday");
	ok(fit((RgWindow){22 * 60, 6 * 60, 1u << 4}, at(2026, 11, 21, 5, 0), 0) == at(2026, 11, 21, 5, 0),
	   "a night belongs to the day on which it begins");
	ok(fit((RgWindow){22 * 60, 6 * 60, 1u << 4}, at(2026, 11, 20, 5, 0), 0) == at(2026, 11, 20, 22, 0),
	   "not to the one on which it ends");
	ok(fit((RgWindow){1439, 1440, RG_EVERY_DAY}, at(2026, 11, 20, 12, 0), ALMOST_ONE) <
		   at(2026, 11, 20, 23, 59) + 30,
	   "a single minute");
	ok(fit(night, at(1969, 7, 20, 12, 0), 0) == at(1969, 7, 20, 22, 0), "before 1970");
	ok(fit(night, at(2094, 12, 10, 12, 0), 0) == at(2094, 12, 10, 22, 0), "in a lifetime");
}

static void
test_clock_changes(void)
{
	RgWindow skipped = {2 * 60, 3 * 60, RG_EVERY_DAY};
	RgWindow skipped_sundays = {2 * 60, 3 * 60, 1u << 6};

	use_zone("Europe/Berlin");
	/* 2026-03-29: 02:00 is 03:00. 2026-10-25: 03:00 is 02:00. */
	ok(fit(night, at(2026, 3, 29, 5, 59), 0) == at(2026, 3, 29, 5, 59), "the short night ends by the clock");
	ok(fit(night, at(2026, 3, 29, 6, 0), 0) == at(2026, 3, 29, 22, 0), "not an hour later");
	ok(at(2026, 3, 29, 6, 0) - at(2026, 3, 28, 22, 0) == 7 * HOUR, "(it has seven hours)");
	ok(fit(night, at(2026, 10, 25, 5, 59), 0) == at(2026, 10, 25, 5, 59), "the long night ends by the clock");
	ok(fit(night, at(2026, 10, 25, 6, 0), 0) == at(2026, 10, 25, 22, 0), "not an hour earlier");
	ok(fit(noon, at(2026, 3, 28, 13, 0), 0) - at(2026, 3, 28, 12, 0) == 23 * HOUR,
	   "noon comes after 23 hours");
	ok(fit(noon, at(2026, 10, 24, 13, 0), 0) - at(2026, 10, 24, 12, 0) == 25 * HOUR, "and after 25");
	for (int minute = 0; minute < 3 * 1440; minute++)
	{
		int64_t moment = at(2026, 3, 28, 0, 0) + minute * INT64_C(60);

		if (fit(skipped, moment, 0.5) < moment || fit(skipped, moment, 0.5) > moment + 2 * DAY ||
			fit(skipped_sundays, moment, 0.5) > moment + 14 * DAY)
		{
			ok(0, "a window that the clock skips");
			return;
		}
	}
	ok(1, "a window that the clock skips comes the next time");
}

/* Every quarter of an hour of a year, in zones with odd rules: never early, never outside, never far away. */
static void
test_year(const char *zone)
{
	const RgWindow windows[] = {
		night, noon, {30, 31, RG_EVERY_DAY}, {23 * 60 + 59, 1, RG_EVERY_DAY}, {0, 1440, RG_EVERY_DAY}};
	char name[100];
	int early = 0;
	int outside = 0;
	int far = 0;

	use_zone(zone);
	for (int64_t moment = at(2026, 1, 1, 0, 0); moment < at(2027, 1, 1, 0, 0); moment += 15 * 60)
	{
		for (size_t i = 0; i < sizeof(windows) / sizeof(*windows); i++)
		{
			const RgWindow *window = &windows[i];
			int64_t due = rg_window_fit(window, &calendar, moment, chance_of((int) (moment / 900)));
			int minute = minute_of_day(due);
			int inside = window->to > window->from ? minute >= window->from && minute < window->to
												   : minute >= window->from || minute < window->to;

			early += due < moment;
			outside += !inside;
			far += due > moment + 2 * DAY + HOUR;
		}
	}
	snprintf(name, sizeof(name), "a year of %s (%d early, %d outside, %d far)", zone, early, outside, far);
	ok(early == 0 && outside == 0 && far == 0, name);
}

/* ---- ten thousand sources ---- */

/* The fullest and the emptiest of equal parts of the time from begin to end. */
static void
spread(const int64_t *due, int64_t begin, int64_t end, int parts, int *fullest, int *emptiest, int *outside)
{
	int counts[64] = {0};

	*outside = 0;
	for (int n = 0; n < SOURCES; n++)
	{
		if (due[n] < begin || due[n] >= end)
			++*outside;
		else
			counts[(due[n] - begin) * parts / (end - begin)]++;
	}
	*fullest = 0;
	*emptiest = SOURCES;
	for (int i = 0; i < parts; i++)
	{
		*fullest = counts[i] > *fullest ? counts[i] : *fullest;
		*emptiest = counts[i] < *emptiest ? counts[i] : *emptiest;
	}
}

static void
test_spread(void)
{
	static int64_t due[SOURCES];
	int fullest;
	int emptiest;
	int outside;
	int64_t now;

	use_zone("Europe/Berlin");
	now = at(2026, 11, 20, 12, 0);
	for (int n = 0; n < SOURCES; n++)
		due[n] = rg_refresh_delay_ms(900, 0, chance_of(n));
	spread(due, 810000, 990000, 18, &fullest, &emptiest, &outside);
	ok(outside == 0, "sources heard of at once: none is tested before 90 % or after 110 % of the interval");
	ok(fullest - emptiest <= 2, "and they come evenly");

	for (int n = 0; n < SOURCES; n++)
		due[n] = fit(night, now, chance_of(n));
	spread(due, at(2026, 11, 20, 22, 0), at(2026, 11, 21, 2, 0), 24, &fullest, &emptiest, &outside);
	ok(outside == 0, "sources that wait for a window begin in its first half");
	ok(fullest - emptiest <= 2, "evenly");

	/* Discovered all night long, once a day: a day later some are due before the window opens. */
	for (int n = 0; n < SOURCES; n++)
	{
		int64_t last = at(2026, 11, 20, 22, 0) + (int64_t) n * 8 * HOUR / SOURCES;

		due[n] = fit(night, last + rg_refresh_delay_ms((int) DAY, 0, chance_of(n)) / 1000,
					 chance_of(n * 31 % SOURCES));
	}
	outside = 0;
	for (int n = 0; n < SOURCES; n++)
		outside += minute_of_day(due[n]) >= 6 * 60 && minute_of_day(due[n]) < 22 * 60;
	ok(outside == 0, "the next day's discoveries are inside too");
	spread(due, at(2026, 11, 21, 22, 0), at(2026, 11, 22, 6, 0), 16, &fullest, &emptiest, &outside);
	ok(fullest < 3 * SOURCES / 16, "without a crowd at any time of the night");
}

static void
test_extremes(void)
{
	use_zone("UTC");
	ok(fit(noon, at(2026, 1, 1, 0, 0) + rg_refresh_delay_ms(2147483647, 9, ALMOST_ONE) / 1000, 0) >
		   at(2090, 1, 1, 0, 0),
	   "the longest interval");
	ok(rg_refresh_delay_ms(1, 0, 0) == 900, "the shortest");
	ok(rg_refresh_delay_ms(1, 1000, ALMOST_ONE) <= DAY * 1100, "which fails for ever: a day");
	ok(rg_refresh_delay_ms(0, 0, 0.5) == 0, "none stays none");
	ok(fit((RgWindow){0, 60, 0}, 1000, 0.5) == 1000, "a window without a day keeps nothing back");
}

int
main(void)
{
	test_openings();
	test_clock_changes();
	test_year("Europe/Berlin");
	test_year("America/New_York");
	test_year("Asia/Kathmandu");
	test_year("Pacific/Apia");
	test_year("UTC");
	test_spread();
	test_extremes();
	printf("1..%d\n", tests);
	return failures > 0;
}
