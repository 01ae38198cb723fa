/*
 * wait_limits.h — how many sessions may wait for workers at once.
 */
#ifndef RG_QUEUE_WAIT_LIMITS_H
#define RG_QUEUE_WAIT_LIMITS_H

#include "postgres.h"

#include "queue.h"
#include "shared.h"

extern void rg_wait_limits_init(void);

extern bool rg_wait_limits_reached(const RgCall *request, RgWaitLimit *limit_met);

#endif
