/*
 * shape.h — how a value of a file becomes one of the table, whose structures may have gained, lost, renamed
 * and moved fields since the file was written. Values of several parts are JSON.
 */
#ifndef RG_LAKE_SHAPE_H
#define RG_LAKE_SHAPE_H

#include "connectors/lake/conversion.h"

typedef struct Shape Shape;

/* The fields of a structure are those of the table, in its order. */
typedef struct ShapeField
{
	const char *name;   /* in the table */
	const char *stored; /* in the file */
	Shape *shape;       /* NULL: the file has no such field */
	char *absent;       /* JSON: what it has then; NULL: null */
} ShapeField;

typedef enum ShapeKind
{
	SHAPED_VALUE,
	SHAPED_LIST,
	SHAPED_MAP,
	SHAPED_STRUCTURE
} ShapeKind;

struct Shape
{
	ShapeKind kind;
	bool is_plain;         /* values of the file are those of the table, as they are */
	Conversion conversion; /* of a value */
	Shape *key;            /* of a map */
	Shape *element;        /* of a list; the value of a map */
	ShapeField *fields;    /* of a structure: there is room for as many as were asked for */
	int count;
};

extern Shape *lake_shape(ShapeKind kind, int fields);
extern void lake_shape_free(Shape *shape);

/* Appends a value of the file as one of the table. Ends the process if a nested one is no JSON. */
extern void lake_shape_write(const Shape *shape, WireBuffer *out, const char *text, size_t length);

#endif
