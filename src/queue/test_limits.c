/*
 * test_limits.c — how many connections an organization may test within a minute.
 *
 * A test reports to its caller whether something listens at an address, so many tests are a port scan. The
 * counters are in shared memory: a caller that rolls back, another user of the organization and another
 * session do not reset them. A minute begins with the first test in it.
 */
#include "test_limits.h"

#include "utils/guc.h"
#include "utils/timestamp.h"

#include "error.h"

#define MINUTE_MS 60000

static int max_tests_per_minute = 60;

void
rg_call_tests_init(void)
{
	DefineCustomIntVariable("rivergen.max_tests_per_minute",
							"Connections that one organization may test within a minute; 0 = no limit.",
							"The next test is refused with 429. Tests of the schedule do not count.",
							&max_tests_per_minute, 60, 0, INT_MAX, PGC_SIGHUP, 0, NULL, NULL, NULL);
}

/* Milliseconds until the counter's minute is over; 0: it is over. */
static int64
left_of(const RgTestCount *counter, TimestampTz now)
{
	TimestampTz end = TimestampTzPlusMilliseconds(counter->since, MINUTE_MS);

	return counter->tests == 0 ? 0 : TimestampDifferenceMilliseconds(now, end);
}

/* NULL: the organization has tested nothing within a minute. */
static RgTestCount *
find_counter(const RgCall *request, TimestampTz now)
{
	for (int i = 0; i < RG_MAX_TEST_COUNTS; i++)
	{
		RgTestCount *counter = &rg_shared->tests[i];

		if (counter->database == request->database && counter->organization_id == request->organization_id &&
			left_of(counter, now) > 0)
			return counter;
	}
	return NULL;
}

/*
 * A counter whose minute is over, or else the one with the fewest tests: an organization can lose its count
 * only while more organizations than there are counters test within a minute.
 */
static RgTestCount *
free_counter(TimestampTz now)
{
	RgTestCount *least = &rg_shared->tests[0];

	for (int i = 0; i < RG_MAX_TEST_COUNTS; i++)
	{
		RgTestCount *counter = &rg_shared->tests[i];

		if (left_of(counter, now) == 0)
			return counter;
		if (counter->tests < least->tests)
			least = counter;
	}
	return least;
}

bool
rg_call_tests_exceeded(const RgCall *request, RgWaitLimit *limit_met)
{
	TimestampTz now = GetCurrentTimestamp();
	const RgTestCount *counter;

	if (request->kind != RG_CALL_TEST || max_tests_per_minute == 0)
		return false;
	counter = find_counter(request, now);
	if (counter == NULL || counter->tests < max_tests_per_minute)
		return false;
	*limit_met = (RgWaitLimit){.status = RG_TOO_MANY,
							   .limit = max_tests_per_minute,
							   .setting = "rivergen.max_tests_per_minute",
							   .seconds = (int) (left_of(counter, now) / 1000) + 1};
	return true;
}

void
rg_call_tests_count(const RgCall *request)
{
	TimestampTz now = GetCurrentTimestamp();
	RgTestCount *counter;

	if (request->kind != RG_CALL_TEST)
		return;
	counter = find_counter(request, now);
	if (counter == NULL)
	{
		counter = free_counter(now);
		*counter = (RgTestCount){
			.database = request->database, .organization_id = request->organization_id, .since = now};
	}
	counter->tests++;
}
