/*
 * signatures.h — loads signatures, offers them to the connector, and stores the new ones.
 */
#ifndef RG_MERGE_SIGNATURES_H
#define RG_MERGE_SIGNATURES_H

#include "postgres.h"

#include "merge.h"

extern void rg_signatures_load(RgMerge *merge);
/* signature: of the source, from the end frame, or NULL. Returns NULL, or the fault. */
extern const char *rg_signatures_check_end(RgMerge *merge, const char *signature);
extern void rg_signatures_apply(RgMerge *merge);

/*
 * Returns the request's member `known`: the signatures by which the connector may send relations as
 * unchanged. NULL when nothing is stored, or only one schema is discovered. full: offers no signatures, so
 * that everything is read.
 */
extern char *rg_merge_known(RgMerge *merge, bool full);

#endif
