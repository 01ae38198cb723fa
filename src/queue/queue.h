/*
 * queue.h — jobs: enqueue, claim, finish, cancel; and the shared memory through which a waiting caller, the
 * launcher and the workers find each other.
 */
#ifndef RG_QUEUE_H
#define RG_QUEUE_H

#include "postgres.h"

extern void rg_queue_init(void);

/*
 * Puts a discovery into the queue as part of the caller's transaction, or finds the one of the same source and
 * scope that is already waiting; a worker is woken at commit. schema is NULL for the whole source.
 * Returns the job's id. Fails with 429 when the organization's queue is full.
 */
extern int64 rg_queue_enqueue(int64 organization_id, int64 data_source_id, const char *schema, bool full_read,
							  int64 user_id);

#endif
