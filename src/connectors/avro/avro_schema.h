/*
 * avro_schema.h — a schema of Avro as a tree of types. Names are resolved: a type that is named again is the
 * same node, so that types may hold themselves.
 */
#ifndef RG_AVRO_SCHEMA_H
#define RG_AVRO_SCHEMA_H

#include "connectors/jsontree/json_tree.h"

typedef enum AvroKind
{
	AVRO_NULL,
	AVRO_BOOLEAN,
	AVRO_INT,
	AVRO_LONG,
	AVRO_FLOAT,
	AVRO_DOUBLE,
	AVRO_BYTES,
	AVRO_STRING,
	AVRO_RECORD,
	AVRO_ENUM,
	AVRO_ARRAY,
	AVRO_MAP,
	AVRO_UNION,
	AVRO_FIXED
} AvroKind;

typedef struct AvroType AvroType;

/* A field of a record; of a union, an array or a map, a type that it holds, without a name. */
typedef struct AvroField
{
	const char *name;
	const AvroType *type;
	const JsonNode *json; /* with its other attributes: doc, default, field-id … */
} AvroField;

struct AvroType
{
	AvroKind kind;
	const JsonNode *json; /* with its other attributes: logicalType, precision, element-id … */
	char *name;           /* of a record, an enum or a fixed, with its namespace; else NULL */
	AvroField *fields;
	int count;     /* of fields, branches or symbols; 1 of an array or a map */
	int64_t bytes; /* of a fixed */
};

typedef struct AvroSchema AvroSchema;

/* Returns NULL if the text is no schema, with the reason: a text of at most `size` bytes. */
extern AvroSchema *avro_schema_read(const char *text, size_t length, char *fault, size_t size);
extern void avro_schema_free(AvroSchema *schema);

extern const AvroType *avro_schema_type(const AvroSchema *schema);

/* The logical type of a type; NULL if it has none. */
extern const char *avro_logical_type(const AvroType *type);

/* The field of that name; NULL if there is none, or if the type is no record. */
extern const AvroField *avro_field(const AvroType *record, const char *name);

/* Of a union of null and one other type, the other one; each other type itself. */
extern const AvroType *avro_without_null(const AvroType *type);

#endif
