/*
 * record.h — records of manifests: their fields are known by Iceberg's ids, whatever their names are.
 */
#ifndef RG_ICEBERG_RECORD_H
#define RG_ICEBERG_RECORD_H

#include "connectors/avro/avro_values.h"

#define NO_FIELD_ID (-1)

/* A type of the schema, without the null beside it, and the ids of its fields. */
typedef struct IcebergRecord
{
	const AvroType *type;
	int64_t *ids;
} IcebergRecord;

/* Of a type that is no record: without fields. */
extern void iceberg_record_begin(IcebergRecord *record, const AvroType *type);
extern void iceberg_record_end(IcebergRecord *record);

/* The field with that id; NULL if there is none. */
extern const AvroField *iceberg_record_field(const IcebergRecord *record, int64_t id);

/* Take the next value. Of null, and of another type, which is passed over: returns false. */
extern bool iceberg_take_integer(AvroFile *avro, const AvroType *type, int64_t *number);
extern bool iceberg_take_boolean(AvroFile *avro, const AvroType *type, bool *is_true);
extern bool iceberg_take_bytes(AvroFile *avro, const AvroType *type, AvroBytes *bytes);

/* A copy that the caller frees; NULL instead of false. */
extern char *iceberg_take_text(AvroFile *avro, const AvroType *type);

#endif
