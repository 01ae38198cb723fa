/*
 * history.h — keeps replaced documents and the list of changes, written together with the differences.
 */
#ifndef RG_MERGE_HISTORY_H
#define RG_MERGE_HISTORY_H

#include "postgres.h"

#include "merge/state.h"

/* The setting rivergen.schema_history_retention. */
extern void rg_history_init(void);

/* Returns true at the first discovery of the source: there is nothing to compare with. */
extern bool rg_history_begin(RgMerge *merge);

/*
 * Keeps the documents of these relations (a list of int64 *); to be called before any of them is overwritten.
 */
extern void rg_history_keep(RgMerge *merge, const List *ids);

/* Compares the kept documents with the stored ones, and writes the differences as found by the job. */
extern void rg_history_record_changes(RgMerge *merge, int64 job_id);

/* Stores the list of skipped objects, and deletes what is older than the retention. */
extern void rg_history_finish(RgMerge *merge);

#endif
