/*
 * apply.h — writes the differences that a discovery found.
 */
#ifndef RG_MERGE_APPLY_H
#define RG_MERGE_APPLY_H

#include "postgres.h"

#include "merge.h"

/*
 * Writes the differences in the caller's transaction, with SPI connected; may be called again after a
 * rollback. Returns how many schemas and relations changed; new statistics alone do not count. The history
 * records the changes as found by the job.
 */
extern int64 rg_merge_apply(RgMerge *merge, int64 job_id);

#endif
