/*
 * text.h — values as PostgreSQL reads them, and as JSON.
 */
#ifndef RG_PARQUET_TEXT_H
#define RG_PARQUET_TEXT_H

#include "connectors/parquet/types.h"

/* A value as it is in the file. */
typedef struct ParquetValue
{
	uint64_t number;   /* bits of a boolean, a number of 32 (with its sign) or 64 bits */
	const char *bytes; /* of all others, until the next value of the column */
	size_t length;
} ParquetValue;

/* Appends a text with U+FFFD for what is no UTF-8, and for NUL. */
extern void text_append(WireBuffer *out, const char *bytes, size_t length);

/* Appends a value of the leaf. Bytes that are too few for the type are written as bytes. */
extern void text_write(WireBuffer *out, const SchemaElement *element, const ParquetValue *value);

/* The same as a value of JSON. */
extern void text_write_json(WireBuffer *out, const SchemaElement *element, const ParquetValue *value);

#endif
