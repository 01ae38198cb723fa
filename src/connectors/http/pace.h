/*
 * pace.h — how many requests a client has under way at once, and when the next one may begin. A service that
 * asks for fewer requests slows all of a client's requests, not one: no other begins before the wait is over,
 * and then half as many are under way; good answers bring them back one by one.
 */
#ifndef RG_HTTP_PACE_H
#define RG_HTTP_PACE_H

#include "connectors/common/deadline.h"

typedef struct Pace
{
	int most;
	int allowed;         /* from 1 to most */
	int good;            /* answers since `allowed` has changed */
	Deadline rests_till; /* no request begins before */
	int64_t slowed_at;
} Pace;

extern Pace pace_of(int most);
extern void pace_take_good(Pace *pace);

/* For a request that was refused. What was sent before the last slowing tells nothing about the pace since
 * then. */
extern void pace_take_refusal(Pace *pace, int64_t sent_at);
extern void pace_rest(Pace *pace, Deadline until);

#endif
