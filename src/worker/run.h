/* run.h — inside the worker room: one claimed job, from its start to its committed end. */
#ifndef RG_RUN_H
#define RG_RUN_H

#include "outcome.h"
#include "queue/queue.h"

/*
 * Never fails with an error: every failure is written into the job, or kept as a pending outcome while a
 * client's open transaction prevents that.
 */
extern void rg_run_job(const RgJob *job);

/* Writes the job's end (run.c). False: another transaction keeps the outcome from being stored. */
extern bool rg_run_store(RgRun *run);

#endif
