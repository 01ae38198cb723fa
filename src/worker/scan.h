/* scan.h — inside the worker room: the work of a job that scans. */
#ifndef RG_WORKER_SCAN_H
#define RG_WORKER_SCAN_H

#include "attempt.h"
#include "queue/queue.h"

/*
 * Has the connector sample the relations of the job, batch by batch, each in a conversation of its own: a
 * request goes into one pipe. True when all were answered; what was answered is in attempt->samples either
 * way.
 */
extern bool rg_scan(RgAttempt *attempt, const RgJob *job);

#endif
