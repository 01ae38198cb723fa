/*
 * plan.h — how a column of a file becomes a column of the table: which of its fields are which, by their
 * names in the files or by their ids, and which are not there.
 */
#ifndef RG_DELTA_PLAN_H
#define RG_DELTA_PLAN_H

#include "connectors/jsontree/json_tree.h"
#include "connectors/lake/shape.h"
#include "connectors/parquet/schema.h"

/*
 * Which of the nodes is the field; -1: none. by_id: ids decide where there are any.
 */
extern int
delta_plan_find(const Schema *schema, const int *nodes, int count, const JsonNode *field, bool by_id);

/* Returns NULL, with the reason, if the node cannot be read as the type. */
extern Shape *
delta_plan(const JsonNode *type, const Schema *schema, int node, bool by_id, const char **refusal);

#endif
