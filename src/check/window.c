#include "check/window.h"

#include <stdbool.h>

#define DAY_MINUTES 1440

/* With one opening a week, the clock may skip all of it once; the next one is a week later. */
#define MOST_DAYS 15

typedef struct Opening
{
	int64_t begin;
	int64_t end; /* exclusive */
} Opening;

/* 1970-01-01 was a Thursday. */
static int
weekday(int64_t day)
{
	return (int) (((day + 3) % 7 + 7) % 7);
}

static bool
opens_on(const RgWindow *window, const RgCalendar *calendar, int64_t day, Opening *opening)
{
	if ((window->days & (1u << weekday(day))) == 0)
		return false;
	opening->begin = calendar->moment_of(calendar->zone, day, window->from);
	opening->end = window->to == DAY_MINUTES || window->to <= window->from
					   ? calendar->moment_of(calendar->zone, day + 1, window->to % DAY_MINUTES)
					   : calendar->moment_of(calendar->zone, day, window->to);
	return opening->begin < opening->end;
}

/* Begins with the day before, whose opening may last beyond midnight. */
int64_t
rg_window_fit(const RgWindow *window, const RgCalendar *calendar, int64_t moment, double chance)
{
	int64_t today = calendar->day_of(calendar->zone, moment);

	for (int64_t day = today - 1; day < today + MOST_DAYS; day++)
	{
		Opening opening;

		if (!opens_on(window, calendar, day, &opening) || opening.end <= moment)
			continue;
		if (opening.begin <= moment)
			return moment;
		return opening.begin + (int64_t) ((double) (opening.end - opening.begin) / 2 * chance);
	}
	return moment;
}
