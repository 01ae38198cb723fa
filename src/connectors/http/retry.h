/*
 * retry.h — whether a request is sent once more, and when.
 */
#ifndef RG_HTTP_RETRY_H
#define RG_HTTP_RETRY_H

#include "connectors/common/deadline.h"
#include "connectors/http/endpoint.h"
#include "connectors/http/failure.h"

/* Milliseconds: with less time before the deadline, a request that failed is not sent again, as its answer
 * would hardly come. */
#define RETRY_LEAST_TIME 300

/* What a sending came to. */
typedef struct Outcome
{
	const HttpRequest *request;
	bool is_answered;
	const HttpAnswer *answer;
	const HttpFailure *failure; /* if it is not answered */
	int tries;                  /* with this one */
} Outcome;

/* Does the service ask for fewer requests? */
extern bool retry_is_throttled(const HttpEndpoint *endpoint, const Outcome *outcome);

/* Does the answer say when to come again? */
extern bool retry_is_asked(const Outcome *outcome);

/* Milliseconds until the request may be sent again; -1: it is not, as that would not help, or be too late. */
extern int64_t retry_wait(const HttpEndpoint *endpoint, const Outcome *outcome, Deadline deadline);

#endif
