/* schedule.h — queues jobs for due sources. */
#ifndef RG_QUEUE_SCHEDULE_H
#define RG_QUEUE_SCHEDULE_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Queues discoveries of due sources; false when there was none to handle. */
extern bool rg_due_queue_discoveries(void);

/* The first time after `after` at which a job or source is due; DT_NOEND when there is none. */
extern TimestampTz rg_queue_next_due(TimestampTz after);

#endif
