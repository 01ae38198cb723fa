/*
 * schedule.h — when a source that is refreshed by itself is discovered next. rivergen_catalog.refresh_delay
 * says how long that takes; ../queue/schedule.c takes up what is due.
 */
#ifndef RG_SCHEDULE_H
#define RG_SCHEDULE_H

#include "postgres.h"

/* A discovery of the whole source ended, for good: the next one is an interval away, more after failures. */
extern void rg_schedule_next(int64 organization_id, int64 data_source_id, bool failed);

/* Its window closed before a discovery could begin: the next one is in the next opening. */
extern void rg_schedule_for_opening(int64 organization_id, int64 data_source_id);

/*
 * People changed what the time depends on: failures and crashes are forgotten, and the next one is an
 * interval after the last that succeeded, which may be at once.
 */
extern void rg_schedule_anew(int64 organization_id, int64 data_source_id);

#endif
