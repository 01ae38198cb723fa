/* heartbeat.h — a worker that reads from a connector reports once a second that it is alive. */
#ifndef RG_QUEUE_HEARTBEAT_H
#define RG_QUEUE_HEARTBEAT_H

#include "postgres.h"

#include "shared.h"

/*
 * Reports that this worker is alive; due once a second while it reads from a connector. false: it does not
 * read any more.
 */
extern void rg_heartbeat_send(bool reading);

/* Asks stopped workers to leave. Returns the milliseconds until it must run again. */
extern long rg_heartbeat_check(void);

/* Has the worker that the call waits for stopped, and does it not leave either? */
extern bool rg_heartbeat_is_lost(const RgCallSlot *request);

#endif
