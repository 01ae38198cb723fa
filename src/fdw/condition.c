/*
 * Only operators of pg_catalog are sent, and only those that mean the same everywhere: equality of texts,
 * whose order differs from source to source, and any comparison of numbers, dates and moments.
 */
#include "condition.h"

#include "access/transam.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "utils/lsyscache.h"

typedef struct Reading
{
	PlannerInfo *root;
	RelOptInfo *relation;
	const RgForeignTable *table;
	const RgFacts *facts;
	RgCondition *condition;
} Reading;

typedef enum Family
{
	FAMILY_NONE,
	FAMILY_NUMBER,
	FAMILY_TIME,
	FAMILY_EQUALITY /* only = and <> are sent */
} Family;

static Family
family_of(Oid type)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
		case FLOAT4OID:
		case FLOAT8OID:
			return FAMILY_NUMBER;
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return FAMILY_TIME;
		case BOOLOID:
		case UUIDOID:
		case TEXTOID:
		case BPCHAROID:
			return FAMILY_EQUALITY;
		default:
			return FAMILY_NONE;
	}
}

/* ---- both sides of an operator ---- */

/* The column of the relation that the expression is; NULL if it is anything else. */
static Var *
column_of(const Reading *reading, Node *expression)
{
	Var *column;

	while (IsA(expression, RelabelType) && ((RelabelType *) expression)->resulttype == TEXTOID)
		expression = (Node *) ((RelabelType *) expression)->arg;
	if (!IsA(expression, Var))
		return NULL;
	column = (Var *) expression;
	if (column->varno != (int) reading->relation->relid || column->varlevelsup != 0 || column->varattno <= 0)
		return NULL;
	return column;
}

/* Is it known before a scan begins, and the same during the scan? */
static bool
is_value(const Reading *reading, Node *expression)
{
	return !bms_is_member((int) reading->relation->relid, pull_varnos(reading->root, expression)) &&
		   !contain_volatile_functions(expression) && !contain_subplans(expression);
}

/* A modifier rounds or cuts values here that are whole at the source. */
static bool
is_comparable(const Var *column, Oid type)
{
	return column->vartypmod == -1 &&
		   (column->vartype == type || (type == TEXTOID && column->vartype == VARCHAROID));
}

static bool
is_whole(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

static bool
is_narrower(Oid type, Oid column)
{
	return (type == INT2OID && (column == INT4OID || column == INT8OID)) ||
		   (type == INT4OID && column == INT8OID);
}

/*
 * Can the source compare a column with a value of this type as it is compared here? Values of other types
 * than the column's may be rounded here, as a timestamp is that is read as a date, and rows that the source
 * leaves out do not come back.
 */
static bool
is_of_type(Oid value_type, Oid column_type)
{
	return value_type == column_type || (is_whole(value_type) && is_whole(column_type));
}

static bool
is_operator_sent(Oid operator, Oid collation, Oid *column_type, Oid *value_type)
{
	const char *name = operator<FirstGenbkiObjectId ? get_opname(operator) : NULL;
	Family family;

	if (name == NULL || op_volatile(operator) != PROVOLATILE_IMMUTABLE)
		return false;
	op_input_types(operator, column_type, value_type);
	family = family_of(*column_type);
	if (family == FAMILY_NONE || !is_of_type(*value_type, *column_type))
		return false;
	/* Equal texts have equal bytes at the source. */
	if ((*column_type == TEXTOID || *column_type == BPCHAROID) && !get_collation_isdeterministic(collation))
		return false;
	if (strcmp(name, "=") == 0 || strcmp(name, "<>") == 0)
		return true;
	return family != FAMILY_EQUALITY && (strcmp(name, "<") == 0 || strcmp(name, "<=") == 0 ||
										 strcmp(name, ">") == 0 || strcmp(name, ">=") == 0);
}

/* ---- kinds of clauses ---- */

static bool
fill_comparison(const Reading *reading, Var *column, Oid operator, Oid collation, Node *value)
{
	RgCondition *condition = reading->condition;
	Oid column_type;
	Oid value_type;

	if (!is_operator_sent(operator, collation, &column_type, &value_type) ||
		!is_comparable(column, column_type) || !is_value(reading, value))
		return false;
	condition->column = column->varattno;
	condition->operator= get_opname(operator);
	/* An exact condition has a value of the column's type. */
	condition->type = is_narrower(value_type, column_type) ? column_type : value_type;
	condition->value = (Expr *) value;
	/* Not every source can compare every character(n). */
	condition->is_exact = reading->facts->exact && condition->type == column_type &&
						  column_type != BPCHAROID &&
						  rg_foreign_column_has_same_type(reading->table, column->varattno, column_type) &&
						  (column_type != TEXTOID || collation == DEFAULT_COLLATION_OID);
	return true;
}

static bool
read_comparison(const Reading *reading, OpExpr *clause)
{
	Node *left;
	Node *right;
	Var *column;
	Oid operator= clause->opno;

	if (list_length(clause->args) != 2)
		return false;
	left = linitial(clause->args);
	right = lsecond(clause->args);
	if ((column = column_of(reading, left)) == NULL)
	{
		if ((column = column_of(reading, right)) == NULL || !OidIsValid(operator= get_commutator(operator)))
			return false;
		right = left;
	}
	return fill_comparison(reading, column, operator, clause->inputcollid, right);
}

/* column = ANY (list) */
static bool
read_list(const Reading *reading, ScalarArrayOpExpr *clause)
{
	Var *column = column_of(reading, linitial(clause->args));

	if (!clause->useOr || column == NULL ||
		!fill_comparison(reading, column, clause->opno, clause->inputcollid, lsecond(clause->args)) ||
		strcmp(reading->condition->operator, "=") != 0)
		return false;
	reading->condition->operator= "in";
	reading->condition->is_list = true;
	return true;
}

/* A value that becomes NULL here is none at the source. */
static bool
read_null_test(const Reading *reading, NullTest *clause)
{
	Var *column = column_of(reading, (Node *) clause->arg);

	if (column == NULL || type_is_rowtype(column->vartype) ||
		(clause->nulltesttype == IS_NULL && reading->table->faults_become_null))
		return false;
	reading->condition->column = column->varattno;
	reading->condition->operator= clause->nulltesttype == IS_NULL ? "is null" : "is not null";
	reading->condition->is_exact = reading->facts->exact;
	return true;
}

/* The planner writes active = true as active, and active = false as NOT active. */
static bool
read_truth(const Reading *reading, Node *expression, bool wanted)
{
	Var *column = column_of(reading, expression);

	return column != NULL && column->vartype == BOOLOID &&
		   fill_comparison(reading, column, BooleanEqualOperator, InvalidOid, makeBoolConst(wanted, false));
}

bool
rg_condition_read(PlannerInfo *root, RelOptInfo *relation, const RgForeignTable *table, const RgFacts *facts,
				  Expr *clause, RgCondition *condition)
{
	Reading reading = {root, relation, table, facts, condition};

	*condition = (RgCondition){0};
	if (!facts->pushes)
		return false;
	switch (nodeTag(clause))
	{
		case T_OpExpr:
			return read_comparison(&reading, (OpExpr *) clause);
		case T_ScalarArrayOpExpr:
			return read_list(&reading, (ScalarArrayOpExpr *) clause);
		case T_NullTest:
			return read_null_test(&reading, (NullTest *) clause);
		case T_Var:
			return read_truth(&reading, (Node *) clause, true);
		case T_BoolExpr:
			return is_notclause(clause) && read_truth(&reading, (Node *) get_notclausearg(clause), false);
		case T_BooleanTest:
		{
			BooleanTest *test = (BooleanTest *) clause;

			return (test->booltesttype == IS_TRUE || test->booltesttype == IS_FALSE) &&
				   read_truth(&reading, (Node *) test->arg, test->booltesttype == IS_TRUE);
		}
		default:
			return false;
	}
}

/* ---- in a plan ---- */

List *
rg_condition_pack(const RgCondition *condition)
{
	return list_make5(makeInteger(condition->column), makeString(pstrdup(condition->operator)),
					  makeInteger((int) condition->type), makeInteger(condition->is_list),
					  makeInteger(condition->is_exact));
}

void
rg_condition_unpack(List *packed, RgCondition *condition)
{
	condition->column = (AttrNumber) intVal(linitial(packed));
	condition->operator= strVal(lsecond(packed));
	condition->type = (Oid) intVal(lthird(packed));
	condition->is_list = intVal(lfourth(packed)) != 0;
	condition->is_exact = intVal(list_nth(packed, 4)) != 0;
	condition->value = NULL;
}
