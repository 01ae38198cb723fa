/*
 * location.h — where a file of the table is. Paths in the metadata are those of the machine or the bucket
 * that the table was written to; what lies below the table's location there lies below its folder here.
 */
#ifndef RG_ICEBERG_LOCATION_H
#define RG_ICEBERG_LOCATION_H

#include "connectors/iceberg/metadata.h"

/* The path from the table's folder on, a part of `path`. Ends the process if the file lies elsewhere. */
extern const char *iceberg_path_below(const IcebergMetadata *metadata, const char *path);

/* Opens a file of the table by its path in the metadata. Ends the process if it is not there. */
extern void iceberg_open_file(const StoredFile *folder, const char *path, StoredFile *file);

/* The table, whose metadata is `folder->object`, has a file that cannot be opened: was the table rewritten
 * meanwhile, or is it incomplete? Ends the process. */
extern void iceberg_file_is_missing(const StoredFile *folder, const char *path) __attribute__((noreturn));

#endif
