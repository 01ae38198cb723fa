/* delay.c — waiting times of retries and of the schedule, with chance in the test's hand. Prints TAP. */
#include <stdio.h>

#include "queue/delay.h"

#define ALMOST_ONE 0.999999

static int tests;
static int failures;

static void
ok(int fine, const char *name)
{
	printf("%sok %d - %s\n", fine ? "" : "not ", ++tests, name);
	failures += !fine;
}

static void
test_retries(void)
{
	int grows = 1;
	int stays = 1;

	ok(rg_retry_delay_ms(1, 5000, 3600000, 0) == 2500, "the first retry: half of the base at least");
	ok(rg_retry_delay_ms(1, 5000, 3600000, ALMOST_ONE) <= 5000, "and the base at most");
	ok(rg_retry_delay_ms(1, 5000, 3600000, 0.5) == 3750, "evenly between");
	ok(rg_retry_delay_ms(4, 5000, 3600000, 0) == 20000, "doubled for each failure after the first");
	for (int n = 1; n < 200; n++)
	{
		grows &= rg_retry_delay_ms(n + 1, 5000, 3600000, 0.3) >= rg_retry_delay_ms(n, 5000, 3600000, 0.3);
		stays &= rg_retry_delay_ms(n, 5000, 3600000, ALMOST_ONE) <= 3600000;
	}
	ok(grows, "it never gets shorter");
	ok(stays, "nor longer than the cap");
	ok(rg_retry_delay_ms(2147483647, 5000, INT64_MAX, ALMOST_ONE) > 0, "whatever the number of failures");
	ok(rg_retry_delay_ms(1, 5000, 1000, 0) == 500, "a cap below the base is the base");
	ok(rg_retry_delay_ms(3, 0, 1000, 0.5) == 0, "no delay stays none");
	ok(rg_retry_delay_ms(0, 5000, 3600000, 0) == 2500, "no failure counts as one");
}

static void
test_refreshes(void)
{
	ok(rg_refresh_delay_ms(3600, 0, 0) == 3240000, "10 % less at the least");
	ok(rg_refresh_delay_ms(3600, 0, 0.5) == 3600000, "the interval in the middle");
	ok(rg_refresh_delay_ms(3600, 0, ALMOST_ONE) <= 3960000, "10 % more at the most");
	ok(rg_refresh_delay_ms(3600, 1, 0.5) == 3600000, "one failure changes nothing");
	ok(rg_refresh_delay_ms(3600, 2, 0.5) == 7200000, "the second doubles it");
	ok(rg_refresh_delay_ms(3600, 5, 0.5) == 57600000, "and so on");
	ok(rg_refresh_delay_ms(3600, 6, 0.5) == 86400000, "up to a day");
	ok(rg_refresh_delay_ms(3600, 1000000, 0.5) == 86400000, "for ever");
	ok(rg_refresh_delay_ms(604800, 9, 0.5) == 604800000, "a week stays a week");
	ok(rg_refresh_delay_ms(2147483647, 9, 0.5) == INT64_C(2147483647000), "the longest interval");
}

int
main(void)
{
	test_retries();
	test_refreshes();
	printf("1..%d\n", tests);
	return failures > 0;
}
