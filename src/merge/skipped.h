/*
 * skipped.h — what exists and could not be read, or has a name that cannot be stored.
 */
#ifndef RG_MERGE_SKIPPED_H
#define RG_MERGE_SKIPPED_H

#include "postgres.h"

#include "merge.h"
#include "state.h"
#include "wire/wire.h"

/* skipped.c: takes a skipped frame, with its reason as it may be shown. */
extern const char *rg_skipped_take(RgMerge *merge, const WireRelation *skipped, const char *reason);
/* Notes that what is stored of the relation of this frame is to be kept. */
extern void rg_skipped_note_known(RgMerge *merge, const WireRelation *skipped);
/* Is a name longer than can be stored? Then it is noted as skipped. name is NULL for the schema itself. */
extern bool rg_skipped_too_long(RgMerge *merge, const char *schema, const char *name);
/* After the last frame: which of the relations that could not be read have another name. */
extern void rg_skipped_settle(RgMerge *merge);
/* Gives them that name, once nothing has it any more. Returns how many. */
extern int64 rg_skipped_rename(RgMerge *merge);

/* The skipped objects as a JSON array of {schema, name, reason}, at most 100 of them; NULL when there are
 * none. */
extern char *rg_merge_skipped(const RgMerge *merge);

#endif
