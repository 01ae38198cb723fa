/*
 * deletes.h — which rows of which files are deleted: files of positions, and deletion vectors.
 */
#ifndef RG_ICEBERG_DELETES_H
#define RG_ICEBERG_DELETES_H

#include "connectors/iceberg/manifest.h"
#include "connectors/lake/roaring.h"

#define MOST_DELETED_POSITIONS 20000000

typedef struct IcebergDeletes IcebergDeletes;

/* Reads what the delete manifests have. Deletes by equality end the process. NULL: there are none. */
extern IcebergDeletes *iceberg_deletes_read(const IcebergManifests *manifests, const StoredFile *folder);
extern void iceberg_deletes_free(IcebergDeletes *deletes);

/* The rows of one file that are deleted. */
typedef struct IcebergDeleted
{
	int64_t *positions; /* in their order */
	size_t count;
	size_t next;
	char *bytes; /* of a vector */
	Roaring vector;
	bool has_vector;
} IcebergDeleted;

/* Takes those of a file with that sequence number. Returns false if no row of it is deleted. deletes: may be
 * NULL. */
extern bool iceberg_deleted_begin(IcebergDeleted *deleted, const IcebergDeletes *deletes,
								  const StoredFile *folder, const IcebergFile *file);

/* To be asked of the rows in their order, from 0. */
extern bool iceberg_deleted_has(IcebergDeleted *deleted, int64_t row);

extern void iceberg_deleted_end(IcebergDeleted *deleted);

#endif
