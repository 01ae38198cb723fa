/* scheduled.h — inside the worker room: scheduled jobs are checked again before they are done. */
#ifndef RG_SCHEDULED_H
#define RG_SCHEDULED_H

#include "catalog/connection.h"
#include "queue/queue.h"

/*
 * Why a scheduled job must not start, or must not continue once it has started; NULL when it may. Part of
 * the caller's transaction.
 */
extern char *rg_scheduled_objection(const RgJob *job, bool begun);

/* When a test that was put off for a caller may be claimed again. */
extern TimestampTz rg_scheduled_comeback(void);

/* Cancels a job that met an objection. Part of the caller's transaction. */
extern void rg_scheduled_not_done(const RgJob *job, const char *objection);

/* Records a successful test and ends its job. Part of the caller's transaction. */
extern void rg_scheduled_test_succeeded(const RgJob *job, const RgConnection *connection);

#endif
