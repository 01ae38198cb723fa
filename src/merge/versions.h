/*
 * versions.h — inside the merge room: what a relation was before a discovery met it, as far as the source
 * itself keeps that. Versions are spooled with the relation, and told as changes once all relations are
 * written.
 */
#ifndef RG_MERGE_VERSIONS_H
#define RG_MERGE_VERSIONS_H

#include "postgres.h"

#include "lib/stringinfo.h"

#include "state.h"

/*
 * Turns the versions of a frame into bytes for the spool, of which there are none if it has no versions.
 * Returns NULL, or the fault of a version's document.
 */
extern const char *rg_versions_pack(const WireRelation *sent, StringInfo packed);

/*
 * Reads the spool once more, and records the changes from version to version. first: it is the first
 * discovery of the source, whose history then begins where the versions do.
 */
extern void rg_versions_tell(RgMerge *merge, int64 job_id, bool first);

#endif
