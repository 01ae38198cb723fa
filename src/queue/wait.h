/*
 * wait.h — a caller hands a request to a worker through shared memory and sleeps until it is answered.
 */
#ifndef RG_QUEUE_WAIT_H
#define RG_QUEUE_WAIT_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "queue.h"

/*
 * Hands a discovery to a worker and waits until its job has ended; returns the job's id. The job is committed
 * by the worker, so the caller's transaction need not be. Fails with 503 when no worker can serve, and with
 * the worker's own refusal when no job could be made. A cancelled wait ends a job that nobody else wanted.
 * 0 with *ended: no job was needed, the cache was filled meanwhile.
 *
 * until: how long to wait at most (0 = for ever). When it is over, *ended is false, and the job goes on once
 * the caller's transaction has committed; 0 instead of its id: no worker has come to it, and there is no job.
 * A session of a gateway that finds too many others waiting gets that at once; others fail with 429 or 503.
 */
extern int64
rg_queue_discover_and_wait(int64 organization_id, int64 data_source_id, const char *schema, bool refresh,
						   bool full_read, int64 user_id, TimestampTz until, bool *ended);

/* Has a worker make, or adopt from the key file, the sealing key; returns its id. Committed by the worker. */
extern int64 rg_queue_key_create(void);

/*
 * Has a worker test a stored source (definition is NULL), or a definition; returns the JSON text of the
 * result. A cancelled wait ends the test.
 */
extern char *rg_queue_test_and_wait(int64 organization_id, int64 data_source_id,
									const RgDefinitionToTest *definition, int64 user_id);

/* Has a worker serve the request (wait.c). False when it was refused, or when no worker can serve at all. */
extern bool rg_queue_try(RgCall *request, RgAnswer *answer);

/* Same, but fails when it was refused. */
extern void rg_queue_ask(RgCall *request, RgAnswer *answer); /* refused when the transaction is read-only */

extern void rg_wait_init(void);

#endif
