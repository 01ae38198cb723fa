/*
 * partition_value.h — values of partition columns, which the log has as texts. (Names of folders mean
 * nothing.)
 */
#ifndef RG_DELTA_PARTITION_VALUE_H
#define RG_DELTA_PARTITION_VALUE_H

#include "connectors/jsontree/json_tree.h"

/*
 * The value of a column of that type as PostgreSQL reads it, in memory that the caller frees; NULL: null.
 * values: the member partitionValues of a file. name: that of the column in the files.
 */
extern char *delta_partition_value(const JsonNode *values, const char *name, const JsonNode *type);

#endif
