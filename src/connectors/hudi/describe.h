/*
 * describe.h — the document of a table.
 */
#ifndef RG_HUDI_DESCRIBE_H
#define RG_HUDI_DESCRIBE_H

#include "connectors/avro/avro_schema.h"
#include "connectors/files/format.h"
#include "connectors/hudi/table.h"
#include "connectors/jsontree/json_tree.h"

/*
 * Sets the kind of the relation, and adds what its document has. schema: NULL if it is not known, and the
 * table has no columns then. ids: the schema of the history of columns that has their ids; NULL: none.
 */
extern void
hudi_describe(FileRelation *relation, const HudiTable *table, const AvroSchema *schema, const JsonNode *ids);

#endif
