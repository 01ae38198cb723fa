/*
 * merge.h — wire messages become rows: compared as they arrive, written in one transaction at the end.
 */
#ifndef RG_MERGE_H
#define RG_MERGE_H

#include "postgres.h"

#include "wire/wire.h"

typedef struct RgMerge RgMerge;

extern void rg_merge_init(void);

/*
 * Loads what is known of the source (hashes and names, no documents) into a memory context of its own. Part
 * of the caller's transaction, with SPI connected; the result outlives both. scope is NULL for the whole
 * source; patterns is the JSON text of what is included and excluded, or NULL.
 */
extern RgMerge *
rg_merge_begin(int64 organization_id, int64 data_source_id, const char *scope, const char *patterns);

/*
 * Takes a schema, relation, unchanged or skipped frame; outside any transaction. What differs from what is
 * known goes to a temporary file. Returns NULL or a static text that names the fault of the frame. reason: of
 * a skipped frame, as it may be shown; NULL when it is not wanted.
 */
extern const char *rg_merge_frame(RgMerge *merge, const WireFrame *frame, const char *reason);

/* Are reasons still kept? The first ones are. */
extern bool rg_merge_wants_reason(const RgMerge *merge);

/* Would another frame of this kind be one relation too many (rivergen.max_relations)? */
extern bool rg_merge_is_full(const RgMerge *merge, WireFrameKind kind);
extern int rg_merge_max_relations(void);

/* Compares the counts of the end frame with what was received, and takes the source's signature. Returns NULL
 * or the fault. */
extern const char *rg_merge_check_end(RgMerge *merge, const WireFrame *frame);

extern void rg_merge_counts(const RgMerge *merge, int64 *relations, int64 *columns);

/* Closes the temporary file and frees everything. */
extern void rg_merge_end(RgMerge *merge);

extern int rg_max_relations;

#endif
