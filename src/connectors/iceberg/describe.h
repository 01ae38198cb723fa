/*
 * describe.h — the document of a table or a view.
 */
#ifndef RG_ICEBERG_DESCRIBE_H
#define RG_ICEBERG_DESCRIBE_H

#include "connectors/files/format.h"
#include "connectors/iceberg/metadata.h"

/* Sets the kind of the relation, and adds what its document has; the columns are those of the schema. */
extern void iceberg_describe(FileRelation *relation, const IcebergMetadata *metadata, const JsonNode *schema);

/* Has the schema the columns that the metadata's key of partitions and order name? */
extern bool iceberg_describes(const IcebergMetadata *metadata, const JsonNode *schema);

#endif
