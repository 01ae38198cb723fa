/* health.h — sources that were not contacted for rivergen.health_check_interval are tested. */
#ifndef RG_QUEUE_HEALTH_H
#define RG_QUEUE_HEALTH_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* Queues tests of due sources; false when there was none to handle. */
extern bool rg_health_queue_tests(void);

/* The first time of a scheduled test after `after`; DT_NOEND when there is none. */
extern TimestampTz rg_health_next_due(TimestampTz after);

/*
 * Milliseconds from a test or discovery to the next scheduled test, after so many failures in a row; false
 * when health checks are off. chance: 0 up to but not including 1.
 */
extern bool rg_health_delay_of_failures(int failures, double chance, int64 *delay_ms);

extern void rg_health_init(void);

#endif
