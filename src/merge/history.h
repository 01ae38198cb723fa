/*
 * history.h — what was: replaced documents and the list of changes, written with the differences.
 */
#ifndef RG_MERGE_HISTORY_H
#define RG_MERGE_HISTORY_H

#include "postgres.h"

#include "merge/state.h"

/* The setting rivergen.schema_history_retention. */
extern void rg_history_init(void);

/* True when this is the first discovery of the source: then there is nothing to compare with. */
extern bool rg_history_begin(RgMerge *merge);

/* Keeps the documents of these relations (a list of int64 *), before anything of them is overwritten. */
extern void rg_history_keep(RgMerge *merge, const List *ids);

/* Compares what was kept with what is stored now, and writes the differences as found by the job. */
extern void rg_history_record_changes(RgMerge *merge, int64 job_id);

/* Notes what could not be read, and forgets what is older than the retention. */
extern void rg_history_finish(RgMerge *merge);

#endif
