/*
 * file_discover.h — the operation discover of a source that is a file: the schema `files` with the relations
 * of the file.
 */
#ifndef RG_FILES_FILE_DISCOVER_H
#define RG_FILES_FILE_DISCOVER_H

#include "connectors/files/format.h"

/* What the source is identified by: its path. */
extern const char *file_identity(const Request *request);

/* Returns the signature of the source, or NULL. */
extern const char *file_discover(const Format *format, const Request *request, const StoredFile *file);

/* Emits a relation. signature: NULL if none is wanted. */
extern void emit_file_relation(const Request *request, const char *schema, const FileRelation *relation,
							   int64_t size_bytes, const char *signature);

#endif
