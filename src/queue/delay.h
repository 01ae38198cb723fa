/*
 * delay.h — how long to wait before a discovery is retried or repeated. Pure functions in plain C; the
 * random number, from 0 up to but not including 1, is passed in.
 */
#ifndef RG_DELAY_H
#define RG_DELAY_H

#include <stdint.h>

/*
 * Milliseconds until the next try after so many failures in a row (from 1): base_ms, doubled for each
 * failure after the first, at most cap_ms. The result is random between half of that and all of it, so that
 * jobs that failed together do not come back together.
 */
extern int64_t rg_retry_delay_ms(int failures, int64_t base_ms, int64_t cap_ms, double chance);

/*
 * Milliseconds from the end of a discovery to the next scheduled one: the interval, doubled for each failed
 * discovery in a row after the first, up to a day (or up to the interval if that is longer), varied at
 * random by 10 %.
 */
extern int64_t rg_refresh_delay_ms(int interval_seconds, int failures, double chance);

#endif
