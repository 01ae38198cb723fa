/* wait.h — a caller submits a call in shared memory and sleeps until a worker answers it. */
#ifndef RG_QUEUE_WAIT_H
#define RG_QUEUE_WAIT_H

#include "postgres.h"

#include "datatype/timestamp.h"

#include "queue.h"

/*
 * Has a worker discover a source, waits until the job has ended, and returns the job's id. The worker
 * commits the job, so the caller's transaction need not commit. Fails with 503 when no worker can serve, and
 * with the worker's refusal when no job could be created. A cancelled wait ends a job that no other caller
 * wants. Returns 0 with *ended when no job was needed, since the cache was filled meanwhile.
 *
 * until: how long to wait at most (0 = no limit). If the time runs out, *ended is false, and the job goes on
 * once the caller's transaction has committed; 0 instead of its id means that no worker has taken the call,
 * and there is no job. A session of a gateway that exceeds a limit of waiting callers gets that answer at
 * once; other sessions fail with 429 or 503.
 */
extern int64
rg_queue_discover_and_wait(int64 organization_id, int64 data_source_id, const char *schema, bool refresh,
						   bool full_read, int64 user_id, TimestampTz until, bool *ended);

/*
 * Has a worker create the sealing key, or adopt it from the key file; returns its id. The worker commits it.
 */
extern int64 rg_queue_key_create(void);

/*
 * Has a worker test a stored source (definition is NULL), or a definition; returns the JSON text of the
 * result. A cancelled wait ends the test. databases: NULL, or has the worker list the server's databases;
 * *databases is the JSON text of their names, or NULL if the connection failed. The source's state stays
 * then.
 */
extern char *rg_queue_test_and_wait(int64 organization_id, int64 data_source_id,
									const RgDefinitionToTest *definition, int64 user_id, char **databases);

/* Has a worker serve the call. False: it was refused, or no worker can serve. */
extern bool rg_queue_try(RgCall *request, RgAnswer *answer);

/* The same, but fails when the call is refused. */
extern void rg_queue_ask(RgCall *request, RgAnswer *answer); /* also in a read-only transaction */

/*
 * Due in each turn of a wait for a worker or reader: fails if the client has gone, or if another session
 * waits for a lock of this one.
 */
extern void rg_wait_check(void);

extern void rg_wait_init(void);

#endif
