/*
 * pending.h — jobs that have been done, and whose outcome cannot be stored now: a client's open transaction
 * holds a row that is needed.
 */
#ifndef RG_QUEUE_PENDING_H
#define RG_QUEUE_PENDING_H

#include "postgres.h"

#include "queue.h"
#include "shared.h"

/*
 * The job of this worker is done, and is held aside until its outcome can be stored. False: too many are; the
 * job was laid down, and goes back to the queue once its row is free.
 */
extern bool rg_pending_add(const RgJob *job);
extern void rg_pending_remove(const RgJob *job);

/* Does a worker hold this job, or any job of this source? Of a source, also one that was laid down. */
extern bool rg_pending_has_job(int64 job_id);
extern bool rg_pending_has_source(int64 organization_id, int64 data_source_id);

/* Was this attempt laid down, and was any job of this database? */
extern bool rg_pending_was_dropped(int64 job_id, int32 attempt);
extern bool rg_pending_any_dropped(void);

/* Part of a transaction that puts the job back: it is laid down no more when that is committed. */
extern void rg_pending_requeued(const RgJob *job);

/* Of this database only these jobs run: what else was laid down has ended, or is gone. */
extern void rg_pending_forget_others(const int64 *running, int count);

extern void rg_pending_init(void);

/* Lays down what a worker holds that exits. */
extern void rg_pending_drop_all(RgWorkerSlot *worker);

extern void rg_pending_forget_database(Oid database);

/* The jobs of this database that are held or were laid down; returns how many. */
#define RG_MOST_PENDING (RG_MAX_POOL * RG_MAX_PENDING + RG_MAX_DROPPED)
extern int rg_pending_list(Datum *jobs);

#endif
