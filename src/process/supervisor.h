/*
 * supervisor.h — the side of rivergen-run that stays: it reports how far the child is confined, serves the
 * child's notifications, and ends as the child ended. Plain C.
 */
#ifndef RG_SUPERVISOR_H
#define RG_SUPERVISOR_H

#include "process/child.h"

/* Returns the exit status. */
extern int rg_supervise(const RgTask *task, pid_t child, int end);

#endif
