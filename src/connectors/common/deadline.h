/*
 * deadline.h — a point in time at which waiting ends.
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

/* Returns the milliseconds left, for poll(): never negative, which poll() takes as no limit. */
static inline int
deadline_milliseconds(Deadline deadline)
{
	int64_t left = deadline - monotonic_milliseconds();

	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int) left;
}

/* Returns the end of the first of `parts` equal parts of the time left. */
static inline Deadline
deadline_share(Deadline deadline, int parts)
{
	int64_t now = monotonic_milliseconds();

	return deadline <= now ? now : now + (deadline - now) / parts;
}

#endif
