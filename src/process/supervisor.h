/*
 * supervisor.h — the side of rivergen-run that stays: it reports how far the child is confined, serves the
 * child's notifications, and ends as the child ended. Plain C.
 */
#ifndef RG_SUPERVISOR_H
#define RG_SUPERVISOR_H

#include <signal.h>

#include "process/child.h"

/* Holds back the signals that the supervisor takes; before the fork, so that none is missed. */
extern void rg_supervisor_hold_signals(sigset_t *before);

/* Until the child has ended, or SIGTERM orders to end it. Returns the exit status. */
extern int rg_supervise(const RgTask *task, pid_t child, int end);

#endif
