#include "connectors/http/retry.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define MOST_TRIES 5
#define MOST_WAIT  60000 /* milliseconds */
#define FIRST_WAIT 500

bool
retry_is_throttled(const HttpEndpoint *endpoint, const Outcome *outcome)
{
	int status = outcome->answer->status;

	return outcome->is_answered &&
		   (status == 429 || status == 503 ||
			(endpoint->is_throttled != NULL && endpoint->is_throttled(outcome->answer)));
}

static bool
may_help(const HttpEndpoint *endpoint, const Outcome *outcome)
{
	const HttpFailure *failure = outcome->failure;
	bool is_unique = outcome->request->is_unique;
	int status = outcome->answer->status;

	if (outcome->is_answered)
		return retry_is_throttled(endpoint, outcome) ||
			   (!is_unique && (status == 500 || status == 502 || status == 504));
	return failure->transient && strcmp(failure->code, "timeout") != 0 && !is_unique;
}

/* Seconds, or a date. */
static int64_t
asked_wait(const HttpAnswer *answer)
{
	const char *asked = http_header(&answer->headers, "retry-after");
	time_t date;

	if (asked == NULL)
		return -1;
	if (strspn(asked, "0123456789") == strlen(asked) && strlen(asked) < 10)
		return strtoll(asked, NULL, 10) * 1000;
	date = curl_getdate(asked, NULL);
	return date == -1 ? -1 : date > time(NULL) ? (int64_t) (date - time(NULL)) * 1000 : 0;
}

bool
retry_is_asked(const Outcome *outcome)
{
	return asked_wait(outcome->answer) >= 0;
}

/* Half of it by chance, so that clients that were refused together do not come back together. */
static int64_t
own_wait(int tries)
{
	int64_t wait = (int64_t) FIRST_WAIT << (tries - 1);
	uint32_t chance = 0;

	if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
		chance = 0;
	return wait / 2 + (int64_t) (chance % (uint32_t) (wait / 2));
}

int64_t
retry_wait(const HttpEndpoint *endpoint, const Outcome *outcome, Deadline deadline)
{
	int64_t wait;

	if (outcome->tries >= MOST_TRIES || !may_help(endpoint, outcome))
		return -1;
	wait = asked_wait(outcome->answer);
	if (wait < 0)
		wait = own_wait(outcome->tries);
	return wait > MOST_WAIT || wait + RETRY_LEAST_TIME > deadline_milliseconds(deadline) ? -1 : wait;
}
