/*
 * not_null.c — from PostgreSQL 17 on the planner leaves out conditions that NOT NULL decides. A column of a
 * foreign table has nulls all the same: where values are masked, where faults become null (option on_error),
 * and where the source has dropped its constraint since the last discovery. Such rows must not be lost.
 */
#include "not_null.h"

#include "foreign/fdwapi.h"
#include "optimizer/plancat.h"

#include "compat.h"
#include "plan.h"

static get_relation_info_hook_type previous_hook;

static void
forget_not_null(PlannerInfo *root, Oid oid, bool is_parent, RelOptInfo *relation)
{
	if (previous_hook != NULL)
		previous_hook(root, oid, is_parent, relation);
	if (relation->fdwroutine != NULL && relation->fdwroutine->GetForeignRelSize == rg_plan_size)
		rg_relation_forget_not_null(relation);
}

void
rg_not_null_init(void)
{
	previous_hook = get_relation_info_hook;
	get_relation_info_hook = forget_not_null;
}
