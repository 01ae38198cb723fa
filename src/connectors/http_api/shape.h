/*
 * shape.h — what a schema says of its values, with all that it refers to and is put together of: the parts of
 * allOf, the alternatives of oneOf and anyOf.
 */
#ifndef RG_HTTP_API_SHAPE_H
#define RG_HTTP_API_SHAPE_H

#include "connectors/http_api/api.h"

typedef enum ShapeType
{
	SHAPE_OBJECT,
	SHAPE_ARRAY,
	SHAPE_STRING,
	SHAPE_INTEGER,
	SHAPE_NUMBER,
	SHAPE_BOOLEAN,
	SHAPE_TYPES
} ShapeType;

#define SHAPE(type) (1u << (type))

/* A schema that was referred to, and the one in which the reference stands. */
typedef struct ShapeLink
{
	const JsonNode *node;
	const struct ShapeLink *above; /* NULL: none */
	struct ShapeLink *next;        /* that was made before */
} ShapeLink;

typedef struct Schema
{
	ApiPlace place;
	const ShapeLink *above; /* the schemas in which it stands */
} Schema;

/* Schemas that all hold for the same value. */
typedef struct Schemas
{
	Schema *items;
	int count;
} Schemas;

typedef struct ShapeProperty
{
	const char *name;
	Schemas schemas;
	bool is_required;
	bool is_of_alternative;
} ShapeProperty;

typedef struct Shape
{
	unsigned types; /* a bit for each ShapeType */
	bool is_nullable;
	bool is_write_only;
	bool is_deprecated;
	bool is_read_only;
	const char *format;
	const char *description;
	const JsonNode *fallback;    /* its default */
	const JsonNode *enumeration; /* an array, or one value */
	ShapeProperty *properties;
	int property_count;
	Schemas elements;    /* of arrays */
	Schemas values;      /* of the members that have any name */
	const char *repeats; /* it refers to a schema of this name, in which it stands itself; NULL: no */
} Shape;

/* A walk through the schemas of a relation, from shape to shape. */
typedef struct ShapeWalk
{
	ShapeLink *links; /* all that were made */
	int steps;        /* so far; there are MOST_SHAPE_STEPS */
} ShapeWalk;

#define MOST_SHAPE_STEPS 200000

extern void shape_make(Shape *shape, Api *api, const Schemas *schemas, ShapeWalk *walk);
extern void shape_free(Shape *shape);
extern void shape_walk_end(ShapeWalk *walk);

extern void schemas_add(Schemas *schemas, ApiPlace place);
extern void schemas_free(Schemas *schemas);

#endif
