/*
 * partition.h — how the files of a table are partitioned, which may have changed from file to file.
 */
#ifndef RG_ICEBERG_PARTITION_H
#define RG_ICEBERG_PARTITION_H

#include "connectors/iceberg/metadata.h"

/* The fields of the present partitions; NULL: there are none. */
extern const JsonNode *iceberg_present_partition(const JsonNode *root);

/* Of a field of partitions, the column that it comes from; NULL: it is not told. It may come from several,
 * from version 3 on: then the first one. */
extern const JsonNode *iceberg_partition_source(const JsonNode *field);

#define NO_PARTITION_ID (-2)

/* Finds the field of the partitions with that number that is the column itself, untransformed: its id, and
 * its position among the fields. Returns NO_PARTITION_ID if there is none. */
extern int64_t
iceberg_identity_partition(const IcebergMetadata *metadata, int64_t spec, int64_t column, int *position);

#endif
