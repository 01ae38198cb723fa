/*
 * kind.h — what a file is, by its first bytes.
 */
#ifndef RG_FILES_KIND_H
#define RG_FILES_KIND_H

#include "connectors/files/storage.h"

/* What a file of another format is that begins so: "a Parquet file". NULL: its first bytes do not say it. */
extern const char *kind_by_magic(const char *bytes, size_t length);

/* Ends the process if the file is known to be something else than text, plain or packed, and names that.
 * hint: which files the type takes. */
extern void kind_must_be_text(const StoredFile *file, const char *hint);

#endif
