/*
 * heartbeat.h — a worker that reads from a connector says once a second that it is alive.
 */
#ifndef RG_QUEUE_HEARTBEAT_H
#define RG_QUEUE_HEARTBEAT_H

#include "postgres.h"

#include "shared.h"

/* A sign of life, due once a second while this worker reads from a connector; false: it does not any more. */
extern void rg_heartbeat_send(bool reading);

/* Tells workers to leave that have stopped moving; milliseconds until the next look (heartbeat.c). */
extern long rg_heartbeat_check(void);

/* Has the worker that the request waits for stopped moving, and does not leave either? */
extern bool rg_heartbeat_is_lost(const RgCallSlot *request);

#endif
