/*
 * discover.h — the operation discover: the schema `files`, with the file as its only relation.
 */
#ifndef RG_CSV_DISCOVER_H
#define RG_CSV_DISCOVER_H

#include "connectors/common/request.h"
#include "connectors/csv/table.h"

#define FILES_SCHEMA "files"

/* A source has one relation. It stays the same as long as the identity of the source, its path, does. */
#define FILE_ID "file"

/* What the source is identified by: its path. */
extern const char *source_identity(const Request *request);

/* Returns the signature of the source, or NULL. */
extern const char *discover(const Request *request, const StoredFile *file, const TableWishes *wishes);

#endif
