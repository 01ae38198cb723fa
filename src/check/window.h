/*
 * window.h — the hours in which a source may be discovered without a request. Pure functions in plain C: the
 * caller passes the calendar and a random number. Moments are seconds since 1970, days are days since 1970 by
 * the calendar's clock.
 */
#ifndef RG_CHECK_WINDOW_H
#define RG_CHECK_WINDOW_H

#include <stdint.h>

typedef struct RgWindow
{
	int from;      /* minutes since midnight, 0-1439 */
	int to;        /* 1-1440; if not later than from, on the next day */
	unsigned days; /* on which it begins: bit 0 is Monday */
} RgWindow;

#define RG_EVERY_DAY 0x7Fu

/* A time zone's clock. A time that the clock skips is mapped to some moment near it. */
typedef struct RgCalendar
{
	int64_t (*day_of)(const void *zone, int64_t moment);
	int64_t (*moment_of)(const void *zone, int64_t day, int minute);
	const void *zone;
} RgCalendar;

/*
 * Returns the moment itself if the window is open then; otherwise a moment in the first half of the next
 * opening, chosen by chance (0 up to but not including 1), so that sources that waited for the window do not
 * all begin at once.
 */
extern int64_t
rg_window_fit(const RgWindow *window, const RgCalendar *calendar, int64_t moment, double chance);

#endif
