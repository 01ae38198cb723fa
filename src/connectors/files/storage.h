/*
 * storage.h — files as all formats read them, wherever they are stored: on this machine, or where the storage
 * broker reads them. The file that a source is, the server opens, and hands over the descriptor; no path is
 * opened here (below a folder: tree.h, directory.h). A file that changes while it is read ends the process
 * with an error: half of one state and half of another is no content.
 */
#ifndef RG_FILES_STORAGE_H
#define RG_FILES_STORAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "connectors/common/request.h"

struct StoredFile;
struct Directory;
struct Tree;
struct TreeFile;

/* Where files are stored. */
typedef struct Storage
{
	/* As stored_read(). NULL: a folder, which has no bytes. */
	size_t (*read)(const struct StoredFile *file, void *bytes, size_t size, int64_t offset);
	/* Is the file as it was when it was opened? */
	bool (*is_unchanged)(const struct StoredFile *file);
	/* NULL: nothing has to be closed. */
	void (*close)(struct StoredFile *file);
} Storage;

/* How what is below a folder is reached: as tree_list(), directory_list() and directory_open(). */
typedef struct Below
{
	void (*list_tree)(const struct StoredFile *folder, struct Tree *tree);
	bool (*list)(const struct StoredFile *folder, const char *path, struct Directory *directory);
	bool (*open)(const struct StoredFile *folder, const char *path, struct StoredFile *file);
	/* Opens a file of the list without looking whether it is as it was: reading it will tell. NULL: it does
	 * not. */
	void (*open_listed)(const struct TreeFile *listed, struct StoredFile *file);
} Below;

#define STORED_STATE_BYTES 128

/* An open file, as it was when it was opened. */
typedef struct StoredFile
{
	const Storage *storage;
	const char *name;   /* without the folders above it */
	const char *format; /* told as an option of its relations, if a source has files of several; or NULL */
	int64_t size;
	char state[STORED_STATE_BYTES]; /* tells one state of the file from another */
	int descriptor;                 /* of a file of this machine; else -1 */
	void *object;                   /* what another storage knows of it */
	const Below *below;             /* of a folder */
	const void *place;              /* what it knows of the folder */
} StoredFile;

/* For relations whose rows are in no file, or in many. */
extern const StoredFile no_stored_file;

/* Takes an open descriptor as a file. Returns false if it is no regular file. */
extern bool storage_take(StoredFile *file, int descriptor, const char *name);

struct stat;

/* Writes the state of a file of this machine, of STORED_STATE_BYTES at most. */
extern void storage_write_state(const struct stat *status, char *state);

/* Reads up to `size` bytes at the offset. Returns how many there are: fewer only at the end of the file. */
extern size_t stored_read(const StoredFile *file, void *bytes, size_t size, int64_t offset);

/* Ends the process if the file is not as it was when it was opened. */
extern void stored_check(const StoredFile *file);

extern void stored_close(StoredFile *file);

#endif
