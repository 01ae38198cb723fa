/*
 * index.h — finding stored relations by id and by name.
 */
#ifndef RG_MERGE_INDEX_H
#define RG_MERGE_INDEX_H

#include "postgres.h"

#include "merge.h"

extern void rg_index_create(RgMerge *merge);
/* Both return the index of the stored relation, or -1. */
extern int rg_index_find_id(RgMerge *merge, const char *id);
extern int rg_index_find_name(RgMerge *merge, const char *schema, const char *name);
extern void rg_index_add_known(RgMerge *merge, int index);
/* Notes that the discovery sent this id; returns false if it had sent the id before. */
extern bool rg_index_claim_id(RgMerge *merge, const char *id);
/*
 * Notes that the discovery sent this name; returns false if it had sent the name before. newcomer: the
 * relation has no match by id, so it takes over the stored relation of that name, unless that one is found
 * under another name.
 */
extern bool rg_index_claim_name(RgMerge *merge, const char *schema, const char *name, bool newcomer);
extern bool rg_index_name_is_taken_over(RgMerge *merge, const char *schema, const char *name);
/* Was the name sent, by a newcomer or by another stored relation? */
extern bool rg_index_name_is_claimed(RgMerge *merge, const char *schema, const char *name);

#endif
