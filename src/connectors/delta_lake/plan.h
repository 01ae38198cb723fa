/*
 * plan.h — how a column of a file becomes a column of the table: which of its fields are which, by their
 * names in the files or by their ids, and which are not there. The fields of a structure are those of the
 * table, in its order.
 */
#ifndef RG_DELTA_PLAN_H
#define RG_DELTA_PLAN_H

#include "connectors/delta_lake/conversion.h"
#include "connectors/jsontree/json_tree.h"
#include "connectors/parquet/schema.h"

typedef struct DeltaPlan DeltaPlan;

/* Of the nodes, the one that is the field: its number. -1: it is not there. by_id: ids decide where there are
 * any. */
extern int
delta_plan_find(const Schema *schema, const int *nodes, int count, const JsonNode *field, bool by_id);

/* Returns NULL, with the reason, if the node cannot be read as the type. */
extern DeltaPlan *
delta_plan_make(const JsonNode *type, const Schema *schema, int node, bool by_id, const char **refusal);

/* Are the file's values those of the table, as they are? */
extern bool delta_plan_is_plain(const DeltaPlan *plan);

/* Appends a value of the file as one of the table. Ends the process if a nested one is no JSON. */
extern void delta_plan_write(const DeltaPlan *plan, WireBuffer *out, const char *text, size_t length);

extern void delta_plan_free(DeltaPlan *plan);

#endif
