/*
 * describe.h — the columns of a Parquet file, as a document has them.
 */
#ifndef RG_PARQUET_DESCRIBE_H
#define RG_PARQUET_DESCRIBE_H

#include "connectors/files/format.h"
#include "connectors/parquet/schema.h"

/* Adds the columns. Their types point into `types`, which must stay. */
extern void describe_columns(const Schema *schema, FileRelation *relation, char ***types);

#endif
