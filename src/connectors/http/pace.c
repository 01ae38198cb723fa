#include "connectors/http/pace.h"

/* So many good answers, and one request more is under way. */
#define GOOD_FOR_ONE_MORE 20

/* Milliseconds. The refused request waits longer (retry.c); the others only go slower. */
#define FIRST_REST 100
#define MOST_REST  10000

Pace
pace_of(int most)
{
	int allowed = most > 1 ? most : 1;

	return (Pace){.most = allowed, .allowed = allowed, .slowed_at = -1};
}

void
pace_take_good(Pace *pace)
{
	pace->rest = 0;
	if (++pace->good < GOOD_FOR_ONE_MORE)
		return;
	pace->good = 0;
	if (pace->allowed < pace->most)
		pace->allowed++;
}

static void
rest_till(Pace *pace, Deadline until)
{
	if (until > pace->rests_till)
		pace->rests_till = until;
}

void
pace_take_refusal(Pace *pace, int64_t sent_at, Deadline asked)
{
	rest_till(pace, asked);
	if (sent_at <= pace->slowed_at)
		return;
	pace->slowed_at = monotonic_milliseconds();
	pace->allowed = pace->allowed > 1 ? pace->allowed / 2 : 1;
	pace->good = 0;
	pace->rest = pace->rest == 0 ? FIRST_REST : pace->rest * 2;
	if (pace->rest > MOST_REST)
		pace->rest = MOST_REST;
	if (asked == 0)
		rest_till(pace, pace->slowed_at + pace->rest);
}
