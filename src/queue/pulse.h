/*
 * pulse.h — a worker that reads from a connector says once a second that it is alive.
 */
#ifndef RG_QUEUE_PULSE_H
#define RG_QUEUE_PULSE_H

#include "postgres.h"

#include "shared.h"

/* A sign of life, due once a second while this worker reads from a connector; false: it does not any more. */
extern void rg_pulse_beat(bool reading);

/* Tells workers to leave that have stopped moving; milliseconds until the next look (pulse.c). */
extern long rg_pulse_look(void);

/* Has the worker that the request waits for stopped moving, and does not leave either? */
extern bool rg_pulse_is_lost(const RgCallSlot *request);

#endif
