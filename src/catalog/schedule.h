/*
 * schedule.h — the time of the next automatic discovery of a source. rivergen_catalog.refresh_delay computes
 * the delay; ../queue/schedule.c enqueues sources that are due.
 */
#ifndef RG_SCHEDULE_H
#define RG_SCHEDULE_H

#include "postgres.h"

/* After a discovery of the whole source: the next discovery is one interval later, more after failures. */
extern void rg_schedule_next(int64 organization_id, int64 data_source_id, bool failed);

/* After the window closed before a discovery began: the next discovery is in the next window. */
extern void rg_schedule_for_opening(int64 organization_id, int64 data_source_id);

/*
 * After a user changed the source: failures and crashes are reset, and the next discovery is one interval
 * after the last successful discovery, possibly at once.
 */
extern void rg_schedule_anew(int64 organization_id, int64 data_source_id);

#endif
