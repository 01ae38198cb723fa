/*
 * What a scan costs: each begins a request at the source, and each row that travels is parsed, byte by byte.
 * Whether the source finds the rows by an index is known from the document of its relation.
 */
#include "plan_state.h"

#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/restrictinfo.h"

#include "condition.h"

/* In units of seq_page_cost, as all costs: a request takes about as long as 900 rows of 140 bytes. */
#define REQUEST_COST 100.0
#define ROW_COST     0.03
#define BYTE_COST    0.0005

void
rg_plan_classify(PlannerInfo *root, RelOptInfo *relation, List *clauses, RgClauses *classes)
{
	RgPlanState *state = relation->fdw_private;
	ListCell *cell;

	*classes = (RgClauses){0};
	foreach (cell, clauses)
	{
		RestrictInfo *clause = lfirst_node(RestrictInfo, cell);
		RgCondition condition;
		bool is_sent =
			rg_condition_read(root, relation, &state->table, &state->facts, clause->clause, &condition);

		if (is_sent)
		{
			classes->sent = lappend(classes->sent, rg_condition_pack(&condition));
			classes->sent_clauses = lappend(classes->sent_clauses, clause);
			if (condition.value != NULL)
				classes->values = lappend(classes->values, condition.value);
		}
		if (is_sent && condition.is_exact)
			classes->exact = lappend(classes->exact, clause->clause);
		else
			classes->local = lappend(classes->local, clause->clause);
	}
}

/* Is one of the conditions an equality with a column that is a key alone, or stands first in an index? */
static bool
is_looked_up(RgPlanState *state, List *conditions, bool as_key)
{
	ListCell *cell;

	foreach (cell, conditions)
	{
		RgCondition condition;

		rg_condition_unpack(lfirst(cell), &condition);
		if (strcmp(condition.operator, "=") != 0)
			continue;
		rg_facts_load_keys(&state->table, &state->facts);
		if (rg_facts_names(as_key ? state->facts.unique : state->facts.indexed,
						   rg_foreign_column_name(&state->table, condition.column)))
			return true;
	}
	return false;
}

/* What the source does to find the rows, as far as that is known: it looks at each unless an index helps. */
static Cost
search_cost(const RelOptInfo *relation, RgPlanState *state, const RgClauses *classes)
{
	if (classes->sent == NIL || is_looked_up(state, classes->sent, false))
		return 0;
	return relation->tuples * cpu_tuple_cost;
}

/* A row of one number takes a tenth of the time of one with many texts. It is priced at a third: were wide
 * rows dearer, PostgreSQL would compile statements on them that gain nothing. */
static Cost
row_cost(const RelOptInfo *relation)
{
	return ROW_COST + relation->reltarget->width * BYTE_COST;
}

void
rg_plan_price(PlannerInfo *root, RelOptInfo *relation, List *join_clauses, double rows, RgPrice *price)
{
	RgPlanState *state = relation->fdw_private;
	RgClauses classes;
	QualCost local;
	double fetched;

	rg_plan_classify(root, relation, list_concat_copy(relation->baserestrictinfo, join_clauses), &classes);
	fetched = relation->tuples *
			  clauselist_selectivity(root, classes.sent_clauses, (int) relation->relid, JOIN_INNER, NULL);
	if (is_looked_up(state, classes.sent, true))
		fetched = Min(fetched, 1);
	fetched = clamp_row_est(fetched);
	cost_qual_eval(&local, classes.local, root);
	price->rows = Min(rows, fetched);
	price->startup = REQUEST_COST + local.startup + relation->reltarget->cost.startup;
	price->total = price->startup + search_cost(relation, state, &classes) +
				   fetched * (row_cost(relation) + cpu_tuple_cost + local.per_tuple) +
				   price->rows * relation->reltarget->cost.per_tuple;
}
