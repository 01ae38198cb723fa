/*
 * condition.h — conditions of a query that the source can apply: a column, an operator, and a value that is
 * the same for the whole scan. src/wire/README.md, "Conditions", says what the source makes of them.
 */
#ifndef RG_FDW_CONDITION_H
#define RG_FDW_CONDITION_H

#include "postgres.h"

#include "nodes/pathnodes.h"

#include "facts.h"
#include "foreign_table.h"

typedef struct RgCondition
{
	AttrNumber column;
	const char *operator; /* of the protocol */
	Oid type;             /* of the value, or of each element; InvalidOid: the operator takes none */
	bool is_list;
	bool is_exact; /* the connector leaves out every row for which it does not hold */
	Expr *value;   /* evaluated here, once per scan */
} RgCondition;

/* Is the clause such a condition on this relation? */
extern bool rg_condition_read(PlannerInfo *root, RelOptInfo *relation, const RgForeignTable *table,
							  const RgFacts *facts, Expr *clause, RgCondition *condition);

/* What a plan keeps of a condition besides its value, as nodes; and back. */
extern List *rg_condition_pack(const RgCondition *condition);
extern void rg_condition_unpack(List *packed, RgCondition *condition);

#endif
