/*
 * deadline.h — a point in time after which waiting makes no sense.
 */
#ifndef RG_CONNECTOR_DEADLINE_H
#define RG_CONNECTOR_DEADLINE_H

#include <limits.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds of the monotonic clock. */
typedef int64_t Deadline;

static inline int64_t
monotonic_milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline Deadline
deadline_after(int seconds)
{
	return monotonic_milliseconds() + (int64_t) seconds * 1000;
}

/* What is left, as poll() takes it; never negative, which would mean for ever. */
static inline int
deadline_milliseconds(Deadline deadline)
{
	int64_t left = deadline - monotonic_milliseconds();

	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int) left;
}

/* The end of the first of `parts` equal parts of what is left. */
static inline Deadline
deadline_share(Deadline deadline, int parts)
{
	int64_t now = monotonic_milliseconds();

	return deadline <= now ? now : now + (deadline - now) / parts;
}

#endif
