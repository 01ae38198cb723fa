/*
 * assemble.h — puts the values of leaves together again, as JSON.
 */
#ifndef RG_PARQUET_ASSEMBLE_H
#define RG_PARQUET_ASSEMBLE_H

#include "connectors/parquet/leaf.h"

typedef struct Assembly
{
	const Schema *schema;
	Leaf *leaves; /* of the column, the first one has the number first_leaf */
	int first_leaf;
	WireBuffer *out;
} Assembly;

/*
 * Writes the column of the present row, and goes on to the next row. Returns false, and has written nothing,
 * if it is null.
 */
extern bool assemble_column(const Assembly *assembly, int node);

#endif
