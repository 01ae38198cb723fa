/*
 * renames.h — new names of schemas, and of relations outside of the scope: nothing of them is written, but
 * documents name them.
 */
#ifndef RG_MERGE_RENAMES_H
#define RG_MERGE_RENAMES_H

#include "postgres.h"

#include "merge.h"
#include "wire/wire.h"

/* Takes a referenced frame. Returns NULL, or the fault. */
extern const char *rg_renames_take(RgMerge *merge, const WireRelation *referenced);
/*
 * Returns the old and the new names, as two text[], of schemas and of relations outside of the scope that
 * have another name than the stored one. Renames of stored relations are in the history.
 */
extern void rg_renames_list(RgMerge *merge, Datum *old_names, Datum *new_names);

#endif
