/* wait_limits.h — how many sessions may wait for workers at once. */
#ifndef RG_QUEUE_WAIT_LIMITS_H
#define RG_QUEUE_WAIT_LIMITS_H

#include "postgres.h"

#include "queue.h"
#include "shared.h"

extern void rg_wait_limits_init(void);

/* Does one more waiting call exceed a limit? Then *limit_met is that limit. The lock must be held. */
extern bool rg_wait_limits_reached(const RgCall *request, RgWaitLimit *limit_met);

#endif
