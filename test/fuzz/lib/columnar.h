/* columnar.h — files of columnar formats, made of bytes, and what must hold of their rows. */
#ifndef RG_FUZZ_COLUMNAR_H
#define RG_FUZZ_COLUMNAR_H

#include "connectors/files/format.h"

#include "fuzz.h"

/* To be called by fuzz_begin(). */
extern void fuzz_file_begin(void);

/* A file of these bytes, until the next one. */
extern void fuzz_file(const char *bytes, size_t length, StoredFile *stored);

/* Reads all columns: as many rows come as were told, and nested values are JSON. read: conditions, or NULL.
 */
extern void fuzz_read_rows(const Format *format, const FileRelation *relation, const ReadRequest *read);

#endif
