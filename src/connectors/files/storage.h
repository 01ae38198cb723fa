/*
 * storage.h — the file or the folder that the source is. The server opens it and hands over the descriptor;
 * no path is opened here but names below a folder. A file that changes while it is read ends the process with
 * an error: half of one state and half of another is no content.
 */
#ifndef RG_FILES_STORAGE_H
#define RG_FILES_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectors/common/request.h"

/* Of a file, as it was when it was opened. */
typedef struct StoredFile
{
	int descriptor;
	const char *name; /* without the folders above it */
	int64_t size;
	int64_t modified; /* nanoseconds of the epoch */
	int64_t changed;  /* the same, of its inode */
	uint64_t inode;
} StoredFile;

/* Opens what the server hands over: a file. A folder, or nothing at all, ends the process. */
extern void storage_open(const Request *request, StoredFile *file);

/* Notes the state of an open file, which it must keep from now on. Returns false if it is no regular file. */
extern bool stored_note(StoredFile *file);

/* Reads up to `size` bytes at the offset. Returns how many there are: fewer only at the end of the file. */
extern size_t stored_read(const StoredFile *file, void *bytes, size_t size, int64_t offset);

/* Ends the process if the file is not as it was when it was opened. */
extern void stored_check(const StoredFile *file);

/* Writes what tells one state of the file from another, of at most WIRE_SIGNATURE_BYTES with the NUL. */
extern void stored_signature(const StoredFile *file, char *signature, size_t size);

#endif
