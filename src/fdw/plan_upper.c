/*
 * What stands above a scan and can be sent with it, where the source alone applies all conditions: a limit,
 * and count(*).
 */
#include "plan_upper.h"

#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "utils/fmgroids.h"

#include "compat.h"
#include "condition.h"
#include "plan_state.h"

/* Are all conditions of the only table of this query applied by the source alone? */
static bool
is_exact(PlannerInfo *root, RelOptInfo *input, RgClauses *classes)
{
	ListCell *cell;

	if (input->reloptkind != RELOPT_BASEREL || input->fdw_private == NULL)
		return false;
	/* One that is false for all rows is no condition of the scan. */
	foreach (cell, input->baserestrictinfo)
		if (lfirst_node(RestrictInfo, cell)->pseudoconstant)
			return false;
	rg_plan_classify(root, input, input->baserestrictinfo, classes);
	return classes->local == NIL;
}

/* ---- limit ---- */

static ForeignPath *
scan_below(Path *path)
{
	if (IsA(path, LimitPath))
		path = ((LimitPath *) path)->subpath;
	if (IsA(path, ProjectionPath))
		path = ((ProjectionPath *) path)->subpath;
	return IsA(path, ForeignPath) ? (ForeignPath *) path : NULL;
}

static bool
is_sent(Node *limit)
{
	return limit == NULL || (!contain_volatile_functions(limit) && !contain_subplans(limit));
}

/* Limit and offset, whose sum is sent; NIL: none. */
static List *
limits_of(const Query *query)
{
	if (query->limitCount == NULL || query->limitOption != LIMIT_OPTION_COUNT || query->hasTargetSRFs ||
		query->rowMarks != NIL || !is_sent(query->limitCount) || !is_sent(query->limitOffset))
		return NIL;
	return query->limitOffset == NULL ? list_make1(query->limitCount)
									  : list_make2(query->limitCount, query->limitOffset);
}

/* The plan keeps its node for the limit; the scan beneath only learns of it. */
static void
send_limit(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output)
{
	List *limits = limits_of(root->parse);
	RgClauses classes;
	ListCell *cell;

	if (limits == NIL || !is_exact(root, input, &classes))
		return;
	foreach (cell, output->pathlist)
	{
		ForeignPath *scan = scan_below(lfirst(cell));

		if (scan != NULL && scan->path.parent == input && scan->path.param_info == NULL)
			scan->fdw_private = limits;
	}
}

/* ---- count(*) ---- */

static bool
is_plain_count(Node *node)
{
	Aggref *aggregate = (Aggref *) node;

	return IsA(node, Aggref) && aggregate->aggfnoid == F_COUNT_ && aggregate->aggfilter == NULL;
}

/* The aggregate, if the target consists of nothing else that would need a row; NULL otherwise. */
static Node *
plain_count_of(const PathTarget *target)
{
	List *needed = pull_var_clause((Node *) target->exprs, PVC_INCLUDE_AGGREGATES | PVC_INCLUDE_PLACEHOLDERS);
	ListCell *cell;

	foreach (cell, needed)
		if (!is_plain_count(lfirst(cell)))
			return NULL;
	return needed != NIL ? linitial(needed) : NULL;
}

/* A connector that leaves a condition out is noticed by a scan, which checks it itself; a count cannot. */
static bool
is_surely_applied(List *conditions)
{
	ListCell *cell;

	foreach (cell, conditions)
	{
		RgCondition condition;

		rg_condition_unpack(lfirst(cell), &condition);
		if (condition.type == TEXTOID)
			return false;
	}
	return true;
}

static void
send_count(PlannerInfo *root, RelOptInfo *input, RelOptInfo *output)
{
	Query *query = root->parse;
	Node *count;
	RgClauses classes;
	RgPrice price;

	if (query->groupClause != NIL || query->groupingSets != NIL || query->havingQual != NULL ||
		(count = plain_count_of(output->reltarget)) == NULL || !is_exact(root, input, &classes) ||
		!is_surely_applied(classes.sent))
		return;
	rg_plan_price(root, input, NIL, input->rows, &price);
	add_path(output,
			 (Path *) rg_foreign_upper_path(root, output, output->reltarget, 1, price.startup,
											price.startup + cpu_tuple_cost, list_make2(input, count)));
}

void
rg_plan_upper_paths(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input, RelOptInfo *output,
					void *extra)
{
	if (stage == UPPERREL_FINAL)
		send_limit(root, input, output);
	else if (stage == UPPERREL_GROUP_AGG)
		send_count(root, input, output);
}
