/* test_limits.h — how many connections an organization may test within a minute. */
#ifndef RG_QUEUE_TEST_LIMITS_H
#define RG_QUEUE_TEST_LIMITS_H

#include "postgres.h"

#include "queue.h"
#include "shared.h"

extern void rg_call_tests_init(void);

/*
 * Is the call a test beyond rivergen.max_tests_per_minute? Then *limit_met is that limit. The lock must be
 * held.
 */
extern bool rg_call_tests_exceeded(const RgCall *request, RgWaitLimit *limit_met);

/* Counts the call if it is a test. The lock must be held. */
extern void rg_call_tests_count(const RgCall *request);

#endif
