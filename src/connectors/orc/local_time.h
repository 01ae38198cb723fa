/*
 * local_time.h — the time zone in which timestamps without one were written: they count seconds of UTC, and
 * mean the time on the clock of their writer.
 */
#ifndef RG_ORC_LOCAL_TIME_H
#define RG_ORC_LOCAL_TIME_H

#include <stdint.h>

/* The zone in the words of the time zone database; NULL or empty: UTC. One that is not known ends the
 * process. */

/* Midnight before 2015-01-01, in seconds of UTC. */
extern int64_t local_time_base(const char *zone);

/* How many seconds its clock is before UTC at that time. */
extern int64_t local_time_offset(const char *zone, int64_t seconds);

#endif
