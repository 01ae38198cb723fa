#include "explain.h"

#include "utils/builtins.h"
#include "utils/ruleutils.h"

#include "condition.h"
#include "plan.h"
#include "scan.h"

static List *
plan_part(const ForeignScan *plan, RgPlanPart part)
{
	return list_nth(plan->fdw_private, part);
}

/* The expression in SQL; parameters are $0, $1, since the server tells wrappers nothing of the nodes above.
 */
static char *
spelled(Node *expression, ForeignScanState *node, ExplainState *state)
{
	List *names = set_deparse_context_plan(state->deparse_cxt, node->ss.ps.plan, NIL);

	return deparse_expression(expression, names, false, false);
}

static char *
conditions_of(const RgForeignTable *table, ForeignScanState *node, ExplainState *state)
{
	ForeignScan *plan = castNode(ForeignScan, node->ss.ps.plan);
	StringInfoData text;
	int value = 0;
	ListCell *cell;

	initStringInfo(&text);
	foreach (cell, plan_part(plan, RG_PLAN_CONDITIONS))
	{
		RgCondition condition;

		rg_condition_unpack(lfirst(cell), &condition);
		appendStringInfo(&text, "%s%s %s", text.len > 0 ? " AND " : "",
						 quote_identifier(rg_foreign_column_name(table, condition.column)),
						 condition.operator);
		if (OidIsValid(condition.type))
			appendStringInfo(&text, " %s", spelled(list_nth(plan->fdw_exprs, value++), node, state));
	}
	return text.len > 0 ? text.data : NULL;
}

/* Limit and offset stand last among the values. */
static char *
limit_of(ForeignScanState *node, ExplainState *state)
{
	ForeignScan *plan = castNode(ForeignScan, node->ss.ps.plan);
	int count = intVal(plan_part(plan, RG_PLAN_LIMITS));
	int first = list_length(plan->fdw_exprs) - count;
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < count; i++)
		appendStringInfo(&text, "%s%s", i > 0 ? " + " : "",
						 spelled(list_nth(plan->fdw_exprs, first + i), node, state));
	return count > 0 ? text.data : NULL;
}

static char *
columns_of(const RgForeignTable *table, const ForeignScan *plan)
{
	StringInfoData text;
	ListCell *cell;

	if (intVal(plan_part(plan, RG_PLAN_COUNT)) != 0)
		return pstrdup("count(*)");
	initStringInfo(&text);
	foreach (cell, plan_part(plan, RG_PLAN_COLUMNS))
		appendStringInfo(&text, "%s%s", text.len > 0 ? ", " : "",
						 quote_identifier(rg_foreign_column_name(table, (AttrNumber) lfirst_int(cell))));
	return text.data;
}

static void
explain_counts(const ForeignScanState *node, ExplainState *state)
{
	RgForeignScanCounts counts = rg_foreign_scan_counts(node);

	ExplainPropertyInteger("Requests", NULL, counts.requests, state);
	ExplainPropertyInteger("Rows Received", NULL, counts.rows, state);
	ExplainPropertyInteger("Bytes Received", NULL, counts.bytes, state);
	if (state->timing)
		ExplainPropertyInteger("Waited", "ms", counts.waited_ms, state);
}

static char *
name_at_source(const RgForeignTable *table)
{
	return table->schema[0] != '\0' ? quote_qualified_identifier(table->schema, table->name)
									: pstrdup(quote_identifier(table->name));
}

void
rg_explain_scan(ForeignScanState *node, ExplainState *state)
{
	ForeignScan *plan = castNode(ForeignScan, node->ss.ps.plan);
	RgForeignTable table;
	char *text;

	rg_foreign_table_load((Oid) intVal(plan_part(plan, RG_PLAN_TABLE)), &table);
	if (state->verbose)
	{
		ExplainPropertyText("Source", strVal(plan_part(plan, RG_PLAN_SOURCE)), state);
		ExplainPropertyText("Source Relation", name_at_source(&table), state);
		ExplainPropertyText("Source Columns", columns_of(&table, plan), state);
	}
	if ((text = conditions_of(&table, node, state)) != NULL)
		ExplainPropertyText("Source Conditions", text, state);
	if ((text = limit_of(node, state)) != NULL)
		ExplainPropertyText("Source Limit", text, state);
	if (state->analyze)
		explain_counts(node, state);
}
