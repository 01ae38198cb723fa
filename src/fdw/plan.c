#include "plan.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/syscache.h"

#include "compat.h"
#include "plan_state.h"

#define UNKNOWN_ROWS 1000

/* ---- the size of the relation ---- */

/* ANALYZE knows best, discovery next. */
static double
tuples_of(const RelOptInfo *relation, const RgFacts *facts)
{
	if (relation->tuples >= 0 && relation->pages > 0)
		return relation->tuples;
	return facts->rows >= 0 ? facts->rows : UNKNOWN_ROWS;
}

void
rg_plan_size(PlannerInfo *root, RelOptInfo *relation, Oid oid)
{
	RgPlanState *state = palloc0(sizeof(RgPlanState));
	RgPrice price;

	rg_foreign_table_load(oid, &state->table);
	rg_facts_load(&state->table, &state->facts);
	relation->fdw_private = state;
	relation->tuples = tuples_of(relation, &state->facts);
	set_baserel_size_estimates(root, relation);
	rg_plan_price(root, relation, NIL, relation->rows, &price);
	relation->rows = price.rows;
}

/* ---- paths ---- */

static void
add_parameterized_path(PlannerInfo *root, RelOptInfo *relation, ParamPathInfo *outer)
{
	RgPrice price;

	rg_plan_price(root, relation, outer->ppi_clauses, outer->ppi_rows, &price);
	outer->ppi_rows = price.rows;
	add_path(relation, (Path *) rg_foreign_path(root, relation, price.rows, price.startup, price.total,
												outer->ppi_req_outer, NIL));
}

/* Adds the relations outside that the clause needs, if the source could apply it with their values. */
static List *
note_outer(PlannerInfo *root, RelOptInfo *relation, RestrictInfo *clause, List *outers)
{
	RgClauses classes;
	Relids required;
	ParamPathInfo *outer;

	if (!join_clause_is_movable_to(clause, relation))
		return outers;
	rg_plan_classify(root, relation, list_make1(clause), &classes);
	if (classes.sent == NIL)
		return outers;
	required = bms_union(clause->clause_relids, relation->lateral_relids);
	required = bms_del_member(required, (int) relation->relid);
	if (bms_is_empty(required))
		return outers;
	outer = get_baserel_parampathinfo(root, relation, required);
	return list_append_unique_ptr(outers, outer);
}

typedef struct EquivalenceSearch
{
	Expr *current; /* the member of this relation that is looked at */
	List *done;
} EquivalenceSearch;

static bool
matches_member(PlannerInfo *root, RelOptInfo *relation, EquivalenceClass *class, EquivalenceMember *member,
			   void *argument)
{
	EquivalenceSearch *search = argument;

	if (search->current != NULL)
		return equal(search->current, member->em_expr);
	if (list_member(search->done, member->em_expr))
		return false;
	search->current = member->em_expr;
	return true;
}

/* Equalities that follow from others: a.x = b.x and b.x = c.x give a.x = c.x. */
static List *
note_equivalences(PlannerInfo *root, RelOptInfo *relation, List *outers)
{
	EquivalenceSearch search = {0};
	List *clauses;
	ListCell *cell;

	if (!relation->has_eclass_joins)
		return outers;
	for (;;)
	{
		search.current = NULL;
		clauses = generate_implied_equalities_for_column(root, relation, matches_member, &search,
														 relation->lateral_referencers);
		if (search.current == NULL)
			return outers;
		foreach (cell, clauses)
			outers = note_outer(root, relation, lfirst(cell), outers);
		search.done = lappend(search.done, search.current);
	}
}

void
rg_plan_paths(PlannerInfo *root, RelOptInfo *relation, Oid oid)
{
	List *outers = NIL;
	RgPrice price;
	ListCell *cell;

	rg_plan_price(root, relation, NIL, relation->rows, &price);
	add_path(relation, (Path *) rg_foreign_path(root, relation, relation->rows, price.startup, price.total,
												relation->lateral_relids, NIL));
	foreach (cell, relation->joininfo)
		outers = note_outer(root, relation, lfirst(cell), outers);
	outers = note_equivalences(root, relation, outers);
	foreach (cell, outers)
		add_parameterized_path(root, relation, lfirst(cell));
}

/* ---- the plan ---- */

static bool
is_there(Oid oid, AttrNumber column)
{
	HeapTuple found = SearchSysCacheAttNum(oid, column);

	if (HeapTupleIsValid(found))
		ReleaseSysCache(found);
	return HeapTupleIsValid(found);
}

/* The columns of the relation in these expressions, in their order in the table. */
static List *
columns_of(const RelOptInfo *relation, Oid oid, List *expressions)
{
	Bitmapset *used = NULL;
	List *columns = NIL;
	bool whole;

	pull_varattnos((Node *) expressions, relation->relid, &used);
	whole = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, used);
	for (AttrNumber column = 1; column <= relation->max_attr; column++)
		if ((whole || bms_is_member(column - FirstLowInvalidHeapAttributeNumber, used)) &&
			is_there(oid, column))
			columns = lappend_int(columns, column);
	return columns;
}

/* In the order of RgPlanPart. */
static List *
private_parts(const RgPlanState *state, List *columns, const RgClauses *classes, List *limits, bool count)
{
	List *parts = list_make1(makeInteger((int) state->table.oid));

	parts = lappend(parts, makeString(pstrdup(state->facts.source != NULL ? state->facts.source : "")));
	parts = lappend(parts, makeConst(INT8OID, -1, InvalidOid, sizeof(int64),
									 Int64GetDatum(state->facts.organization_id), false, FLOAT8PASSBYVAL));
	parts = lappend(parts, columns);
	parts = lappend(parts, classes->sent);
	parts = lappend(parts, makeInteger(list_length(limits)));
	return lappend(parts, makeInteger(count));
}

static List *
without_pseudoconstants(List *clauses)
{
	List *real = NIL;
	ListCell *cell;

	foreach (cell, clauses)
		if (!lfirst_node(RestrictInfo, cell)->pseudoconstant)
			real = lappend(real, lfirst(cell));
	return real;
}

/* The scan that counts the rows of `input`; `count` is the aggregate. */
static ForeignScan *
count_scan(PlannerInfo *root, ForeignPath *path, List *target)
{
	RelOptInfo *input = linitial(path->fdw_private);
	TargetEntry *count = makeTargetEntry(lsecond(path->fdw_private), 1, NULL, false);
	RgClauses classes;

	rg_plan_classify(root, input, without_pseudoconstants(input->baserestrictinfo), &classes);
	return make_foreignscan(target, NIL, 0, classes.values,
							private_parts(input->fdw_private, NIL, &classes, NIL, true), list_make1(count),
							NIL, NULL);
}

ForeignScan *
rg_plan_scan(PlannerInfo *root, RelOptInfo *relation, Oid oid, ForeignPath *best, List *target, List *clauses,
			 Plan *outer)
{
	RgClauses classes;
	List *columns;

	if (IS_UPPER_REL(relation))
		return count_scan(root, best, target);
	rg_plan_classify(root, relation, without_pseudoconstants(clauses), &classes);
	columns = columns_of(relation, oid, list_concat_copy(relation->reltarget->exprs, classes.local));
	return make_foreignscan(target, classes.local, relation->relid,
							list_concat(classes.values, best->fdw_private),
							private_parts(relation->fdw_private, columns, &classes, best->fdw_private, false),
							NIL, classes.exact, outer);
}
