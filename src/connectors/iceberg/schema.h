/*
 * schema.h — the present schema of a table as columns.
 */
#ifndef RG_ICEBERG_SCHEMA_H
#define RG_ICEBERG_SCHEMA_H

#include "connectors/files/format.h"
#include "connectors/iceberg/metadata.h"

/* Deeper types are broken or hostile. */
#define MOST_ICEBERG_DEPTH   20
#define MOST_ICEBERG_COLUMNS 10000

/* The element of the array whose member of that name is the number; NULL if there is none. */
extern const JsonNode *iceberg_numbered(const JsonNode *array, const char *name, int64_t number);

/* The present snapshot; NULL: there is none, and the table is empty. Ends the process if it is not there. */
extern const JsonNode *iceberg_snapshot(const IcebergMetadata *metadata);

/* Is the type a structure of that kind: struct, list or map? */
extern bool iceberg_type_is(const JsonNode *type, const char *kind);

/* The present schema: an object with `fields`. Ends the process if there is none. */
extern const JsonNode *iceberg_schema(const IcebergMetadata *metadata);

/* Adds its columns to the relation. */
extern void
iceberg_add_columns(FileRelation *relation, const IcebergMetadata *metadata, const JsonNode *schema);

/* Appends the path of the field with that id, from the schema on. Returns false if there is none. */
extern bool iceberg_field_path(WireBuffer *out, const JsonNode *schema, int64_t id);

#endif
