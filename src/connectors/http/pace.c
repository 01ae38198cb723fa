#include "connectors/http/pace.h"

/* So many good answers, and one request more is under way. */
#define GOOD_FOR_ONE_MORE 20

Pace
pace_of(int most)
{
	int allowed = most > 1 ? most : 1;

	return (Pace){.most = allowed, .allowed = allowed, .slowed_at = -1};
}

void
pace_take_good(Pace *pace)
{
	if (pace->allowed == pace->most || ++pace->good < GOOD_FOR_ONE_MORE)
		return;
	pace->allowed++;
	pace->good = 0;
}

void
pace_take_refusal(Pace *pace, int64_t sent_at)
{
	if (sent_at <= pace->slowed_at)
		return;
	pace->allowed = pace->allowed > 1 ? pace->allowed / 2 : 1;
	pace->good = 0;
	pace->slowed_at = monotonic_milliseconds();
}

void
pace_rest(Pace *pace, Deadline until)
{
	if (until > pace->rests_till)
		pace->rests_till = until;
}
