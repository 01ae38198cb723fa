/* plan_state.h — what the parts of the planner share about one foreign table (RelOptInfo.fdw_private). */
#ifndef RG_FDW_PLAN_STATE_H
#define RG_FDW_PLAN_STATE_H

#include "postgres.h"

#include "nodes/pathnodes.h"

#include "facts.h"
#include "foreign_table.h"

typedef struct RgPlanState
{
	RgForeignTable table;
	RgFacts facts;
} RgPlanState;

/* Clauses of a scan, and what becomes of each. */
typedef struct RgClauses
{
	List *sent;   /* packed conditions */
	List *values; /* of those that have one, in the same order */
	List *exact;  /* clauses that the source alone applies */
	List *local;  /* clauses that are checked here */
	List *sent_clauses;
} RgClauses;

/* clauses are RestrictInfos, without pseudoconstant ones. */
extern void rg_plan_classify(PlannerInfo *root, RelOptInfo *relation, List *clauses, RgClauses *classes);

typedef struct RgPrice
{
	double rows; /* of the path, after the local clauses */
	Cost startup;
	Cost total;
} RgPrice;

/*
 * The price of a scan with these clauses besides the relation's own; rows are the planner's estimate of what
 * is left.
 */
extern void
rg_plan_price(PlannerInfo *root, RelOptInfo *relation, List *join_clauses, double rows, RgPrice *price);

#endif
