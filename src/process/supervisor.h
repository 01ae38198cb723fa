/*
 * supervisor.h — the side of rivergen-run that stays: it reports how far the child is confined, serves the
 * child's notifications, and ends as the child ended. Plain C.
 */
#ifndef RG_SUPERVISOR_H
#define RG_SUPERVISOR_H

#include "process/child.h"

/*
 * Starts the child of this task and serves it, until it has ended or SIGTERM orders to end it. Returns the
 * exit status. Where the child's network mode wants a dialer and there can be none, the child has
 * RG_NETWORK_PLAIN.
 */
extern int rg_supervise(RgTask *task);

#endif
