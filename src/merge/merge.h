/*
 * merge.h — turns frames into rows: compares them as they arrive, and writes in one transaction at the end.
 */
#ifndef RG_MERGE_H
#define RG_MERGE_H

#include "postgres.h"

#include "wire/wire.h"

typedef struct RgMerge RgMerge;

extern void rg_merge_init(void);

/*
 * Loads hashes and names of the source's stored relations, without documents, into a memory context of its
 * own. To be called in a transaction, with SPI connected; the result outlives both and ends with
 * rg_merge_end(). scope is NULL for the whole source; patterns is JSON text with include and exclude, or
 * NULL.
 */
extern RgMerge *
rg_merge_begin(int64 organization_id, int64 data_source_id, const char *scope, const char *patterns);

/*
 * Takes a schema, relation, unchanged, skipped or referenced frame, outside any transaction. Differences from
 * the stored relation go to a temporary file. Returns NULL, or a static text that names the fault of the
 * frame. reason: of a skipped frame, cleaned for people; NULL if rg_merge_wants_reason() is false.
 */
extern const char *rg_merge_frame(RgMerge *merge, const WireFrame *frame, const char *reason);

/* Are reasons of skipped frames still kept? Only the first RG_SKIPPED_SHOWN are. */
extern bool rg_merge_wants_reason(const RgMerge *merge);

/* Would one more frame of this kind exceed rivergen.max_relations? */
extern bool rg_merge_is_full(const RgMerge *merge, WireFrameKind kind);
extern int rg_merge_max_relations(void);

/*
 * Compares the counts of the end frame with the frames received, and takes the source's signature. Returns
 * NULL, or the fault.
 */
extern const char *rg_merge_check_end(RgMerge *merge, const WireFrame *frame);

extern void rg_merge_counts(const RgMerge *merge, int64 *relations, int64 *columns);

/* Closes the temporary file and frees everything. */
extern void rg_merge_end(RgMerge *merge);

extern int rg_max_relations;

#endif
