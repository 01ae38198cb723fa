/*
 * skipped.h — objects that exist but could not be read, or whose names are too long to be stored.
 */
#ifndef RG_MERGE_SKIPPED_H
#define RG_MERGE_SKIPPED_H

#include "postgres.h"

#include "merge.h"
#include "wire/wire.h"

/* Takes a skipped frame, with its reason cleaned for people. Returns NULL, or the fault. */
extern const char *rg_skipped_take(RgMerge *merge, const WireRelation *skipped, const char *reason);
/* Keeps the stored relation of this frame, under its new name if it has one. */
extern void rg_skipped_note_known(RgMerge *merge, const WireRelation *skipped);
/* Is the name too long to be stored? Then it is noted as skipped. name is NULL for the schema itself. */
extern bool rg_skipped_too_long(RgMerge *merge, const char *schema, const char *name);
/* After the last frame: settles which skipped relations have new names. */
extern void rg_skipped_settle(RgMerge *merge);
/* Stores the new names, after other relations have left them. Returns how many. */
extern int64 rg_skipped_rename(RgMerge *merge);

/*
 * Returns the skipped objects as a JSON array of {schema, name, reason}, at most RG_SKIPPED_SHOWN of them;
 * NULL if there are none.
 */
extern char *rg_merge_skipped(const RgMerge *merge);

#endif
