/*
 * scalar.h — values of partitions and bounds of columns, which metadata holds apart from the data.
 */
#ifndef RG_ICEBERG_SCALAR_H
#define RG_ICEBERG_SCALAR_H

#include "connectors/avro/avro_values.h"
#include "connectors/iceberg/type.h"
#include "wire/wire.h"

/* Which of the members counts is a matter of the type. */
typedef struct IcebergScalar
{
	int64_t integer;
	double number;
	const char *bytes;
	size_t length;
} IcebergScalar;

/* Takes the next value of the object, which is not null. */
extern void iceberg_scalar_take(IcebergScalar *scalar, AvroFile *avro, const AvroType *type);

/* Reads a value in Iceberg's binary form. Returns false if it is none of the type. The value may be one of
 * the narrower type that the column had. */
extern bool iceberg_scalar_read(IcebergScalar *scalar, IcebergKind kind, const char *bytes, size_t length);

/* Appends the value as PostgreSQL reads it in the type. Returns false if the type has no such values. */
extern bool iceberg_scalar_write(WireBuffer *out, const char *type, const IcebergScalar *scalar);

#endif
