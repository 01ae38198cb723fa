/* scan.h — inside the worker room: the work of a scan. */
#ifndef RG_WORKER_SCAN_H
#define RG_WORKER_SCAN_H

#include "attempt.h"
#include "queue/queue.h"

/*
 * Has the connector sample the relations of the job in batches, each in a conversation of its own, since a
 * request must fit into the pipe. Returns true when all were answered. attempt->samples holds the answers in
 * any case.
 */
extern bool rg_scan(RgAttempt *attempt, const RgJob *job);

#endif
