/*
 * conversion.h — a table may declare a wider type than a file was written with, and writers differ in how
 * they mark times. The value of a file becomes that of the table's type.
 */
#ifndef RG_LAKE_CONVERSION_H
#define RG_LAKE_CONVERSION_H

#include "wire/wire.h"

typedef enum ConversionKind
{
	CONVERT_NOT,
	CONVERT_ADD_ZONE, /* a time without a mark is one of UTC */
	CONVERT_DROP_ZONE,
	CONVERT_DATE_TO_TIMESTAMP,
	CONVERT_REAL_TO_DOUBLE,
	CONVERT_SCALE,
	CONVERT_BYTES_TO_UUID,
	CONVERT_NUMBER_TO_TIME /* of microseconds since midnight */
} ConversionKind;

typedef struct Conversion
{
	ConversionKind kind;
	int scale; /* of CONVERT_SCALE */
} Conversion;

/* Appends a value of the file, as PostgreSQL reads it, converted. One that cannot be stays as it is. */
extern void convert(WireBuffer *out, const Conversion *conversion, const char *text, size_t length);

#endif
