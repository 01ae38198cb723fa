/* discover_all.h — queues a discovery of every source of an organization. */
#ifndef RG_QUEUE_DISCOVER_ALL_H
#define RG_QUEUE_DISCOVER_ALL_H

#include "postgres.h"

#include "utils/jsonb.h"

/*
 * Queues discoveries of the sources of one workspace (0 = all) and type (NULL = all). Returns the answer of
 * discover_all(). Fails with 429 when the queue is full.
 */
extern Jsonb *rg_queue_discover_all(int64 organization_id, int64 workspace_id, const char *type,
									bool full_read, int64 user_id);

#endif
