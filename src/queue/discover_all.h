/*
 * discover_all.h — a discovery of every source that is fit for one, in one statement.
 */
#ifndef RG_QUEUE_DISCOVER_ALL_H
#define RG_QUEUE_DISCOVER_ALL_H

#include "postgres.h"

#include "utils/jsonb.h"

/*
 * The same for every source of the organization that is fit for a discovery, of one workspace (0 = any) and
 * type (NULL = any). Answers what discover_all() answers; fails with 429.
 */
extern Jsonb *rg_queue_discover_all(int64 organization_id, int64 workspace_id, const char *type,
									bool full_read, int64 user_id);

#endif
