/*
 * manifest.h — the files of a manifest, one after the other: those that are in the snapshot.
 */
#ifndef RG_ICEBERG_MANIFEST_H
#define RG_ICEBERG_MANIFEST_H

#include "connectors/iceberg/manifest_list.h"
#include "connectors/iceberg/record.h"

typedef enum IcebergContent
{
	CONTENT_ROWS,
	CONTENT_POSITION_DELETES,
	CONTENT_EQUALITY_DELETES
} IcebergContent;

/* What is known of the values of a column, in Iceberg's binary form. */
typedef struct IcebergBounds
{
	AvroBytes least; /* bytes NULL: not known */
	AvroBytes greatest;
	int64_t values; /* -1: not known */
	int64_t nulls;
} IcebergBounds;

/* A value of a field of the partition. */
typedef struct IcebergPart
{
	const AvroType *type; /* NULL: the manifest has no such field, or it is null */
	bool is_there;
	AvroBytes value; /* as it stands in the manifest */
} IcebergPart;

/* It stays until the next one. */
typedef struct IcebergFile
{
	int64_t content;
	AvroBytes path;
	AvroBytes format;
	int64_t sequence;
	int64_t records;
	IcebergPart *parts;    /* as many as the caller wanted */
	IcebergBounds *bounds; /* as many as the caller wanted */
	AvroBytes referenced;  /* of a deletion vector: the file whose rows it has */
	int64_t offset;        /* of a deletion vector; -1: it is none */
	int64_t size;
} IcebergFile;

typedef struct IcebergManifestReader
{
	const IcebergManifest *manifest;
	int64_t spec; /* that the partitions are of */
	StoredFile stored;
	AvroFile avro;
	IcebergRecord entry;
	IcebergRecord file;
	IcebergRecord partition;
	const int64_t *part_ids; /* ids of fields of the partition that are wanted */
	int part_count;
	const int64_t *bound_ids; /* ids of columns whose bounds are wanted */
	int bound_count;
	IcebergFile next;
} IcebergManifestReader;

/* Opens the manifest, after which `spec` is known. */
extern void iceberg_manifest_open(IcebergManifestReader *reader, const IcebergManifest *manifest,
								  const StoredFile *folder);

/* Which fields of the partition, and the bounds of which columns, are wanted. The ids stay the caller's. */
extern void iceberg_manifest_want(IcebergManifestReader *reader, const int64_t *part_ids, int part_count,
								  const int64_t *bound_ids, int bound_count);

/* Goes to the next file. Returns NULL behind the last one. */
extern const IcebergFile *iceberg_manifest_next(IcebergManifestReader *reader);

/* Ends the process if the manifest was changed meanwhile. */
extern void iceberg_manifest_close(IcebergManifestReader *reader);

#endif
