/* scheduled.h — inside the worker room: what nobody asked for is looked at once more before it is done. */
#ifndef RG_SCHEDULED_H
#define RG_SCHEDULED_H

#include "catalog/connection.h"
#include "queue/queue.h"

/*
 * Why a job of the schedule is not to be done, or, once it has begun, not to be gone on with; NULL when it
 * is. Part of the caller's transaction.
 */
extern char *rg_scheduled_objection(const RgJob *job, bool begun);

/* A test that somebody else needs the worker of comes back a moment later. */
extern TimestampTz rg_scheduled_comeback(void);

/* The end of a job that met an objection: cancelled. Part of the caller's transaction. */
extern void rg_scheduled_not_done(const RgJob *job, const char *objection);

/* A test that connected: what is known of the source, and the end of the job. Part of the caller's
 * transaction. */
extern void rg_scheduled_test_succeeded(const RgJob *job, const RgConnection *connection);

#endif
