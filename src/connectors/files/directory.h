/*
 * directory.h — files by their names in the folder that a source is, for tables that say themselves which
 * files they have.
 */
#ifndef RG_FILES_DIRECTORY_H
#define RG_FILES_DIRECTORY_H

#include "connectors/files/storage.h"

#define MOST_DIRECTORY_ENTRIES 1000000

typedef struct DirectoryEntry
{
	char *name;
	bool is_folder;
} DirectoryEntry;

typedef struct Directory
{
	DirectoryEntry *entries; /* in the order of their names' bytes */
	int count;
} Directory;

/* Lists what is directly in the folder of that path; an empty one is the folder itself. Returns false if
 * there is no such folder. */
extern bool directory_list(const StoredFile *folder, const char *path, Directory *directory);
extern void directory_free(Directory *directory);

/* Adds an entry to the list. */
extern void directory_add(Directory *directory, const char *name, bool is_folder);

/* Opens the file of that path, which must stay for as long as the file is open. Returns false if there is
 * none. */
extern bool directory_open(const StoredFile *folder, const char *path, StoredFile *file);
extern void directory_close(StoredFile *file);

/*
 * All of a file of at most `most` bytes, unpacked if it is packed, with a zero behind it. NULL: there is no
 * such file. The caller frees it.
 */
extern char *directory_read(const StoredFile *folder, const char *path, size_t most, size_t *length);

#endif
