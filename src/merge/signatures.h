/*
 * signatures.h — what is stored of signatures, offered to the connector, and written back.
 */
#ifndef RG_MERGE_SIGNATURES_H
#define RG_MERGE_SIGNATURES_H

#include "postgres.h"

#include "merge.h"
#include "state.h"

extern void rg_signatures_load(RgMerge *merge);
/* signature: what the end frame says of the source, or NULL. Returns NULL or the fault. */
extern const char *rg_signatures_check_end(RgMerge *merge, const char *signature);
extern void rg_signatures_apply(RgMerge *merge);

/*
 * The signatures that the connector may leave unchanged relations out by, as the request's member `known`;
 * NULL when nothing is stored. full: none are offered, so that everything is read.
 */
extern char *rg_merge_known(RgMerge *merge, bool full);

#endif
