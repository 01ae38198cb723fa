/*
 * types.h — the types of Parquet's values: as text, as types of PostgreSQL.
 */
#ifndef RG_PARQUET_TYPES_H
#define RG_PARQUET_TYPES_H

#include "connectors/parquet/footer.h"
#include "wire/wire.h"

/* How a value is written. */
typedef enum ValueKind
{
	KIND_BOOLEAN,
	KIND_SIGNED,
	KIND_UNSIGNED,
	KIND_FLOAT,
	KIND_DOUBLE,
	KIND_FLOAT16,
	KIND_INT96,
	KIND_DECIMAL,
	KIND_DATE,
	KIND_TIME,
	KIND_TIMESTAMP,
	KIND_INTERVAL,
	KIND_UUID,
	KIND_TEXT,
	KIND_BINARY
} ValueKind;

/* Are length, precision and scale such as a type may have? */
extern bool type_is_possible(const SchemaElement *element);

/* Of a leaf. An annotation that does not fit the physical type does not count. */
extern ValueKind type_kind(const SchemaElement *element);
extern void type_write(WireBuffer *out, const SchemaElement *element);

/* NULL: text */
extern const char *type_pg_type(const SchemaElement *element);

#endif
