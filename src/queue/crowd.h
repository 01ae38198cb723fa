/*
 * crowd.h — how many sessions may wait for workers at once.
 */
#ifndef RG_QUEUE_CROWD_H
#define RG_QUEUE_CROWD_H

#include "postgres.h"

#include "queue.h"
#include "shared.h"

extern void rg_crowd_init(void);

extern bool rg_crowd_is_full(const RgCall *request, RgCrowd *crowd);

#endif
