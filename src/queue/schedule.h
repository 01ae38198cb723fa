/*
 * schedule.h — sources that are due become jobs.
 */
#ifndef RG_QUEUE_SCHEDULE_H
#define RG_QUEUE_SCHEDULE_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Queues discoveries of sources that are due; false when there was none that could be taken up. */
extern bool rg_due_queue_discoveries(void);

/* When the first job or source that is due later than `after` is so; DT_NOEND when there is none. */
extern TimestampTz rg_queue_next_due(TimestampTz after);

#endif
