/*
 * share.h — what is there, as fair.h wants it: databases, their workers, and the callers who wait.
 */
#ifndef RG_QUEUE_SHARE_H
#define RG_QUEUE_SHARE_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* A worker between two jobs: does it leave its database, because another one wants a worker more? */
extern bool rg_share_makes_way(void);

/* The database that gets the next worker (share.c). InvalidOid: none wants one. */
extern Oid rg_share_next(TimestampTz now);

#endif
