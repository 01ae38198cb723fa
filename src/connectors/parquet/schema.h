/*
 * schema.h — the schema of a Parquet file as a tree: what lists and maps are, and which levels a value has.
 */
#ifndef RG_PARQUET_SCHEMA_H
#define RG_PARQUET_SCHEMA_H

#include "connectors/parquet/footer.h"

#define MOST_SCHEMA_DEPTH 64

/* Nodes are numbered as the schema's elements: a node's children follow it. 0 is the root. */
typedef struct SchemaNode
{
	const SchemaElement *element;
	int end;        /* the number behind the last node below it */
	int definition; /* the level at which the node is there */
	int repetition; /* how many nodes above it and it itself are repeated */
	int leaf;       /* its number among the leaves, or that of the first leaf below it */
	int leaf_end;   /* the number behind its last leaf */
} SchemaNode;

typedef struct Schema
{
	const Footer *footer;
	SchemaNode *nodes;
	int node_count;
	int leaf_count;
	int *columns; /* nodes */
	int column_count;
} Schema;

/* Ends the process if the elements are no tree. */
extern void schema_make(Schema *schema, const Footer *footer);
extern void schema_free(Schema *schema);

static inline bool
schema_is_group(const Schema *schema, int node)
{
	return schema->nodes[node].element->physical == PHYSICAL_NONE;
}

/* What a node is when it is there, apart from being repeated. */
typedef enum SchemaShape
{
	SHAPE_VALUE,
	SHAPE_STRUCTURE,
	SHAPE_LIST,
	SHAPE_MAP,
	SHAPE_VARIANT
} SchemaShape;

extern SchemaShape schema_shape(const Schema *schema, int node);

/* Of a list or map: the repeated node below it. */
static inline int
schema_repeated(int node)
{
	return node + 1;
}

/* The element of a list: the repeated node itself, or the only one below it. */
extern int schema_list_element(const Schema *schema, int list);

/* Of a map. There may be no value: then -1. */
static inline int
schema_map_key(int map)
{
	return map + 2;
}
extern int schema_map_value(const Schema *schema, int map);

/* The first node behind this one and those below it. */
static inline int
schema_next(const Schema *schema, int node)
{
	return schema->nodes[node].end;
}

#endif
