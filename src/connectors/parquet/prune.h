/*
 * prune.h — which groups of rows cannot have a row that is wanted, by the bounds of their columns.
 */
#ifndef RG_PARQUET_PRUNE_H
#define RG_PARQUET_PRUNE_H

#include "connectors/common/judge.h"
#include "connectors/files/format.h"
#include "connectors/parquet/schema.h"

typedef struct PruneCondition
{
	int node; /* a leaf */
	Judge judge;
} PruneCondition;

typedef struct Pruning
{
	const Schema *schema;
	PruneCondition *conditions;
	int count;
} Pruning;

/* Takes those conditions that bounds can refute. `read` may be NULL. */
extern void
prune_begin(Pruning *pruning, const Schema *schema, const FileRelation *relation, const ReadRequest *read);
extern void prune_end(Pruning *pruning);

/* May a row of the group fulfil all conditions? */
extern bool prune_keeps(const Pruning *pruning, int group);

#endif
