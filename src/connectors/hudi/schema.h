/*
 * schema.h — the schema of a table, which is one of Avro, as columns.
 */
#ifndef RG_HUDI_SCHEMA_H
#define RG_HUDI_SCHEMA_H

#include "connectors/avro/avro_schema.h"
#include "connectors/files/format.h"

/* Returns NULL if the text is no schema of a table: a record of types that can be described. */
extern AvroSchema *hudi_schema_read(const char *text);

/* Adds the columns of the record. */
extern void hudi_add_columns(FileRelation *relation, const AvroType *record);

/* Adds a column of texts that may be null. */
extern void hudi_add_text_column(FileRelation *relation, const char *name);

#endif
