/*
 * vector.h — a deletion vector: a part of a file of Puffin that is the set of deleted rows of one file.
 */
#ifndef RG_ICEBERG_VECTOR_H
#define RG_ICEBERG_VECTOR_H

#include "connectors/iceberg/manifest.h"
#include "connectors/lake/roaring.h"

/* A set of all rows of 4 milliards, each second one deleted, has 512 MiB. */
#define MOST_VECTOR_BYTES (256 << 20)

/* Where a vector is. */
typedef struct IcebergVectorPlace
{
	char *path; /* NULL: there is none */
	int64_t offset;
	int64_t size;
	int64_t count; /* of deleted rows */
	int64_t sequence;
} IcebergVectorPlace;

extern void iceberg_vector_place(IcebergVectorPlace *place, const IcebergFile *listed);
extern void iceberg_vector_place_free(IcebergVectorPlace *place);

/* Reads the vector. Returns the bytes that the rows are in: the caller frees both. Ends the process if it is
 * not there, or broken. */
extern char *iceberg_vector_read(const IcebergVectorPlace *place, const StoredFile *folder, Roaring *rows);

#endif
