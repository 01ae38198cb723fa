/* share.h — collects the input of fair.h: databases, their workers, and waiting callers. */
#ifndef RG_QUEUE_SHARE_H
#define RG_QUEUE_SHARE_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Called by a worker between two jobs: must it leave its database, because another needs a worker more? */
extern bool rg_share_makes_way(void);

/* The database that gets the next worker; InvalidOid: none needs one. The lock must be held. */
extern Oid rg_share_next(TimestampTz now);

#endif
