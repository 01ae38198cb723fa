/*
 * vector.h — the deletion vector of a file: which of its rows are deleted. It stands in the log itself, or in
 * a file of its own beside the data.
 */
#ifndef RG_DELTA_VECTOR_H
#define RG_DELTA_VECTOR_H

#include "connectors/lake/roaring.h"
#include "connectors/files/storage.h"
#include "connectors/jsontree/json_tree.h"

/* A set of all rows of 4 milliards, each second one deleted, has 512 MiB. */
#define MOST_VECTOR_BYTES (256 << 20)

/* Where a vector is. */
typedef struct DeltaVectorPlace
{
	char type; /* i: in the text; u: in a file that the text names; p: in one by an absolute path; 0: no
				  vector */
	char *text;
	int64_t offset;
	int64_t size;
	int64_t count; /* of deleted rows */
} DeltaVectorPlace;

typedef struct DeltaVector
{
	char *bytes;
	Roaring rows;
} DeltaVector;

/* Takes the action's description, which may be NULL: no vector. Ends the process if it is none. */
extern void delta_vector_place(DeltaVectorPlace *place, const JsonNode *vector);
extern void delta_vector_place_free(DeltaVectorPlace *place);

/* Reads the vector. Ends the process if it is not there, or broken. */
extern void delta_vector_read(DeltaVector *vector, const DeltaVectorPlace *place, const StoredFile *folder);

/* To be asked of the rows in their order, from 0. */
extern bool delta_vector_has(DeltaVector *vector, int64_t row);

extern void delta_vector_free(DeltaVector *vector);

#endif
