/* plan.h — planning scans of foreign tables. */
#ifndef RG_FDW_PLAN_H
#define RG_FDW_PLAN_H

#include "postgres.h"

#include "foreign/fdwapi.h"

/* The parts of fdw_private of a plan. */
typedef enum RgPlanPart
{
	RG_PLAN_TABLE,        /* Integer: oid of the foreign table */
	RG_PLAN_SOURCE,       /* String: name of the data source, or '' */
	RG_PLAN_ORGANIZATION, /* Const: bigint, its organization */
	RG_PLAN_COLUMNS,      /* IntList: the columns that are read */
	RG_PLAN_CONDITIONS,   /* List: packed conditions; the values are in fdw_exprs, in the same order */
	RG_PLAN_LIMITS,       /* Integer: how many of the last fdw_exprs are limits, which are added up */
	RG_PLAN_COUNT         /* Integer: not 0: the scan's only row is the number of rows */
} RgPlanPart;

extern void rg_plan_size(PlannerInfo *root, RelOptInfo *relation, Oid oid);
extern void rg_plan_paths(PlannerInfo *root, RelOptInfo *relation, Oid oid);
extern ForeignScan *rg_plan_scan(PlannerInfo *root, RelOptInfo *relation, Oid oid, ForeignPath *best,
								 List *target, List *clauses, Plan *outer);

#endif
