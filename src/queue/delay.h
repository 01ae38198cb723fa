/*
 * delay.h — how long to wait before a discovery is tried, or made, again. Pure functions in plain C: chance
 * is handed in, as a number from 0 up to but not including 1.
 */
#ifndef RG_DELAY_H
#define RG_DELAY_H

#include <stdint.h>

/*
 * Milliseconds until the next try after so many failures in a row (from 1): base, doubled for each failure
 * after the first, at most cap; of that, the later half is left to chance, so that what failed together does
 * not come back together.
 */
extern int64_t rg_retry_delay_ms(int failures, int64_t base_ms, int64_t cap_ms, double chance);

/*
 * Milliseconds from the end of a discovery to the next one of the schedule: the interval, doubled for each
 * failed discovery in a row after the first, up to a day, or up to the interval where that is longer; and 10
 * % less to 10 % more by chance.
 */
extern int64_t rg_refresh_delay_ms(int interval_seconds, int failures, double chance);

#endif
