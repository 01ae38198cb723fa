/*
 * apply.h — writing the differences.
 */
#ifndef RG_MERGE_APPLY_H
#define RG_MERGE_APPLY_H

#include "postgres.h"

#include "merge.h"

/*
 * Writes the differences, as part of the caller's transaction, with SPI connected; may be called again after
 * a rollback. Returns how many schemas and relations are not what they were; new statistics alone do not
 * count. What became of what is written to the history as found by the job.
 */
extern int64 rg_merge_apply(RgMerge *merge, int64 job_id);

#endif
