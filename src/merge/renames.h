/*
 * renames.h — names that are other ones now although nothing of them is written: schemas, and relations
 * outside of a scope.
 */
#ifndef RG_MERGE_RENAMES_H
#define RG_MERGE_RENAMES_H

#include "postgres.h"

#include "state.h"
#include "wire/wire.h"

/* renames.c: takes a referenced frame. */
extern const char *rg_renames_take(RgMerge *merge, const WireRelation *referenced);
/* The old and the new names, as two text[], of what was met under another name than the stored one: of
 * schemas, and of relations outside of the scope. Those of the relations that are stored are in the history.
 */
extern void rg_renames_list(RgMerge *merge, Datum *old_names, Datum *new_names);

#endif
