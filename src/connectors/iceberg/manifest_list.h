/*
 * manifest_list.h — the manifests of the present snapshot.
 */
#ifndef RG_ICEBERG_MANIFEST_LIST_H
#define RG_ICEBERG_MANIFEST_LIST_H

#include "connectors/iceberg/metadata.h"

#define MOST_ICEBERG_MANIFESTS 100000

/* What the values of one field of the partition are in the files of a manifest. */
typedef struct IcebergSummary
{
	bool may_have_null;
	char *least; /* in Iceberg's binary form; NULL: not known */
	size_t least_length;
	char *greatest;
	size_t greatest_length;
} IcebergSummary;

typedef struct IcebergManifest
{
	char *path;
	int64_t spec;     /* that its partitions are of; -1: the manifest itself says it */
	bool is_deletes;  /* its files are deletes */
	int64_t sequence; /* of the entries that have none */
	IcebergSummary *summaries;
	int summary_count; /* 0: there are none */
} IcebergManifest;

typedef struct IcebergManifests
{
	IcebergManifest *items; /* in the list's order */
	int count;
} IcebergManifests;

/* Of a table without a snapshot: none. */
extern void iceberg_manifests_read(IcebergManifests *manifests, const StoredFile *folder);
extern void iceberg_manifests_free(IcebergManifests *manifests);

#endif
