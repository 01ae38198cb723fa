/*
 * type.h — the types of Iceberg that are no structures, by their words.
 */
#ifndef RG_ICEBERG_TYPE_H
#define RG_ICEBERG_TYPE_H

typedef enum IcebergKind
{
	ICEBERG_BOOLEAN,
	ICEBERG_INT,
	ICEBERG_LONG,
	ICEBERG_FLOAT,
	ICEBERG_DOUBLE,
	ICEBERG_DECIMAL,
	ICEBERG_DATE,
	ICEBERG_TIME,
	ICEBERG_TIMESTAMP,
	ICEBERG_TIMESTAMPTZ,
	ICEBERG_TIMESTAMP_NS,
	ICEBERG_TIMESTAMPTZ_NS,
	ICEBERG_STRING,
	ICEBERG_UUID,
	ICEBERG_FIXED,
	ICEBERG_BINARY,
	ICEBERG_VARIANT,
	ICEBERG_GEOMETRY,
	ICEBERG_GEOGRAPHY,
	ICEBERG_UNKNOWN /* unknown, and types to come */
} IcebergKind;

extern IcebergKind iceberg_kind(const char *type);

/* NULL: text */
extern const char *iceberg_pg_type(IcebergKind kind);

/* Of decimal(precision, scale). */
extern int iceberg_scale(const char *type);

#endif
