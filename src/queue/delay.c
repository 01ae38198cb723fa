#include "delay.h"

#define DAY_MS INT64_C(86400000)

/* Compares before doubling, so that no number of failures overflows. */
static int64_t
doubled(int64_t delay, int times, int64_t cap)
{
	for (; times > 0 && delay > 0 && delay < cap; times--)
		delay = delay > cap / 2 ? cap : delay * 2;
	return delay < cap ? delay : cap;
}

int64_t
rg_retry_delay_ms(int failures, int64_t base_ms, int64_t cap_ms, double chance)
{
	int64_t delay = doubled(base_ms, failures - 1, cap_ms);

	return delay / 2 + (int64_t) ((double) (delay - delay / 2) * chance);
}

int64_t
rg_refresh_delay_ms(int interval_seconds, int failures, double chance)
{
	int64_t interval = INT64_C(1000) * interval_seconds;
	int64_t delay = doubled(interval, failures - 1, interval > DAY_MS ? interval : DAY_MS);

	return (int64_t) ((double) delay * (0.9 + 0.2 * chance));
}
