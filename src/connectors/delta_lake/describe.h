/*
 * describe.h — what is said of a table beside its columns.
 */
#ifndef RG_DELTA_DESCRIBE_H
#define RG_DELTA_DESCRIBE_H

#include "connectors/delta_lake/snapshot.h"
#include "connectors/files/format.h"

/* Adds the partition key, checks, comment and options. clustering: as delta_snapshot_files() gives it. */
extern void delta_describe(FileRelation *relation, const DeltaSnapshot *snapshot, const char *clustering);

#endif
