/* plan_upper.h — what stands above a scan and can be sent with it: a limit, and count(*). */
#ifndef RG_FDW_PLAN_UPPER_H
#define RG_FDW_PLAN_UPPER_H

#include "postgres.h"

#include "foreign/fdwapi.h"

extern void rg_plan_upper_paths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input,
								RelOptInfo *output, void *extra);

#endif
