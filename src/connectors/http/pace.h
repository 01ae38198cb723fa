/*
 * pace.h — how many requests a client has under way at once, and when the next one may begin. A service that
 * asks for fewer requests slows all of a client's requests, not one: no other begins before the time that it
 * asked for, or else before a rest that doubles until it answers again; and then half as many are under way.
 * Good answers bring them back one by one.
 */
#ifndef RG_HTTP_PACE_H
#define RG_HTTP_PACE_H

#include "connectors/common/deadline.h"

typedef struct Pace
{
	int most;
	int allowed;         /* from 1 to most */
	int good;            /* answers since `allowed` has changed */
	int64_t rest;        /* the last one, in milliseconds; 0: none since the service answers */
	Deadline rests_till; /* no request begins before */
	int64_t slowed_at;
} Pace;

extern Pace pace_of(int most);
extern void pace_take_good(Pace *pace);

/*
 * For a request that was refused. asked: the time until which the service wants no other; 0: it does not say.
 * What was sent before the last slowing tells nothing about the pace since then.
 */
extern void pace_take_refusal(Pace *pace, int64_t sent_at, Deadline asked);

#endif
