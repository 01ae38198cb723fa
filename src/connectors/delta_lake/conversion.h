/*
 * conversion.h — a table may declare a wider type than a file was written with, and writers differ in how
 * they mark times. The value of a file becomes that of the table's type.
 */
#ifndef RG_DELTA_CONVERSION_H
#define RG_DELTA_CONVERSION_H

#include "connectors/parquet/footer.h"
#include "wire/wire.h"

typedef enum DeltaConversionKind
{
	CONVERT_NOT,
	CONVERT_ADD_ZONE, /* a time without a mark is one of UTC */
	CONVERT_DROP_ZONE,
	CONVERT_DATE, /* to a time */
	CONVERT_FLOAT,
	CONVERT_SCALE
} DeltaConversionKind;

typedef struct DeltaConversion
{
	DeltaConversionKind kind;
	int scale; /* of CONVERT_SCALE */
} DeltaConversion;

/* How values of the file's element become those of the table's type. Returns false if they cannot. */
extern bool
delta_conversion_find(DeltaConversion *conversion, const char *type, const SchemaElement *element);

/* Appends a value of the file, as PostgreSQL reads it, converted. */
extern void
delta_convert(WireBuffer *out, const DeltaConversion *conversion, const char *text, size_t length);

#endif
