/*
 * metadata.h — the metadata file of a table that counts: the one that version-hint.text names, else the
 * newest. Writers of tables by name rename nothing, so the newest may be one that is not committed; the log
 * of a discovery says which one was taken.
 */
#ifndef RG_ICEBERG_METADATA_H
#define RG_ICEBERG_METADATA_H

#include "connectors/files/storage.h"
#include "connectors/jsontree/json_tree.h"

typedef struct IcebergMetadata
{
	char *path; /* from the table's folder on */
	JsonTree *tree;
	const JsonNode *root;
	size_t length;        /* of its text */
	bool is_without_hint; /* the newest was taken */
} IcebergMetadata;

/* Ends the process if there is none, or none that can be read. */
extern void iceberg_metadata_read(IcebergMetadata *metadata, const StoredFile *folder);
extern void iceberg_metadata_free(IcebergMetadata *metadata);

/* Reads a file that the metadata-log names, which lies in the table's own folder. Returns false if it is
 * gone, and ends the process if it is broken. */
extern bool
iceberg_metadata_read_earlier(IcebergMetadata *metadata, const StoredFile *folder, const char *path);

/* Is it still the one that counts? */
extern bool iceberg_is_newest(const IcebergMetadata *metadata, const StoredFile *folder);

/* Is the table a view? */
extern bool iceberg_is_view(const IcebergMetadata *metadata);

/* Ends the process as the metadata is not as the format has it. */
extern void iceberg_broken(const IcebergMetadata *metadata, const char *what) __attribute__((noreturn));

#endif
