/*
 * history.h — what a table was before, as far as its log is kept: each commit that changed its description
 * is a version, from the time of the commit on.
 */
#ifndef RG_DELTA_HISTORY_H
#define RG_DELTA_HISTORY_H

#include "connectors/delta_lake/snapshot.h"
#include "connectors/files/format.h"

/*
 * Gives the relation the versions before the snapshot, and the time of the snapshot's own description. What
 * cannot be read of the log ends the history, and not the process. clustering: as of the snapshot, or NULL.
 */
extern void delta_history_add(FileRelation *relation, const Request *request, const DeltaSnapshot *snapshot,
							  const char *clustering);

#endif
