/*
 * leaf.h — the values of a column without others below it, with their levels.
 */
#ifndef RG_PARQUET_LEAF_H
#define RG_PARQUET_LEAF_H

#include "connectors/parquet/page.h"
#include "connectors/parquet/schema.h"

typedef struct Leaf
{
	const Schema *schema;
	const SchemaNode *node;
	const SchemaElement *element;
	const char *column; /* for errors */
	PageReader pages;
	Dictionary dictionary;
	Runs definitions;
	Runs repetitions;
	Decoder decoder;
	int64_t chunk_left; /* values of pages that are not yet read */
	int64_t page_left;

	/* The present value */
	bool is_at_end;
	int definition;
	int repetition;
	ParquetValue value; /* if the definition is the node's */
} Leaf;

/* column: the name of the column that it is, or is part of. */
extern void leaf_begin(Leaf *leaf, const Schema *schema, int node, const char *column);

/* Begins a group of rows, before its first value. */
extern void leaf_open(Leaf *leaf, int group);

/* Goes to the next value, which stays until the one after it. At the end of the group: is_at_end. */
extern void leaf_next(Leaf *leaf);

/* Is the present value none? */
static inline bool
leaf_is_null(const Leaf *leaf)
{
	return leaf->definition < leaf->node->definition;
}

/* Ends the process. */
extern void leaf_fails(const Leaf *leaf, const char *what) __attribute__((noreturn));

extern void leaf_end(Leaf *leaf);

#endif
