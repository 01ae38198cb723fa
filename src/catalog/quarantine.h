/*
 * quarantine.h — a source whose connector or worker crashes repeatedly leaves the schedule until a user
 * changes it, or tests or discovers it successfully.
 */
#ifndef RG_QUARANTINE_H
#define RG_QUARANTINE_H

#include "postgres.h"

extern void rg_quarantine_init(void);

/* Counts a crash; message describes it. True: the source is in quarantine now. */
extern bool rg_quarantine_crashed(int64 organization_id, int64 data_source_id, const char *message);

/* Resets the crashes and returns the source to the schedule. False: there were no crashes. */
extern bool rg_quarantine_end(int64 organization_id, int64 data_source_id);

#endif
