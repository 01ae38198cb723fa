/*
 * prune.h — which files of a table may have rows that fulfil the conditions of `read`: by the values of their
 * partitions, and by the least and greatest values that the log says of them.
 */
#ifndef RG_DELTA_PRUNE_H
#define RG_DELTA_PRUNE_H

#include "connectors/common/bounds.h"
#include "connectors/delta_lake/snapshot.h"

typedef struct DeltaPruneCondition
{
	Judge judge;
	const JsonNode *type;
	const char *physical; /* name of the column in the files */
	bool is_of_partition;
	bool has_bounds; /* those of the column tell something */
} DeltaPruneCondition;

typedef struct DeltaPruning
{
	DeltaPruneCondition *conditions;
	int count;
} DeltaPruning;

/* read: NULL: all files are kept. */
extern void delta_prune_begin(DeltaPruning *pruning, const DeltaSnapshot *snapshot, const ReadRequest *read);

/* add: the action. */
extern bool delta_prune_keeps(const DeltaPruning *pruning, const JsonNode *add);
extern void delta_prune_end(DeltaPruning *pruning);

#endif
