/* tree.h — the files below a folder, at all levels, as they were when it was listed. */
#ifndef RG_FILES_TREE_H
#define RG_FILES_TREE_H

#include "connectors/files/storage.h"

#define MOST_TREE_FILES 10000
#define MOST_TREE_DEPTH 16

/* A file as it was when the folder was listed. */
typedef struct TreeFile
{
	char *path; /* from the folder on */
	int64_t size;
	char state[STORED_STATE_BYTES];
} TreeFile;

typedef struct Tree
{
	StoredFile folder;
	TreeFile *files;
	int count;
} Tree;

/*
 * Lists the files, in the order of their paths' bytes. Names that begin with `_` or `.` are left out, with
 * what is below them. A link, a pipe or the like ends the process, and so do too many files, or too deep
 * ones.
 */
extern void tree_list(const StoredFile *folder, Tree *tree);
extern void tree_free(Tree *tree);

/* Opens a file of the list, which must be as it was. Otherwise the process ends. */
extern void tree_open(const Tree *tree, const TreeFile *listed, StoredFile *file);

/* Adds a file to the list. Returns it; its state is the caller's to write. */
extern TreeFile *tree_add(Tree *tree, const char *path, int64_t size);

/* Is the name, or the path's first one, of those that are left out? */
extern bool tree_passes_over(const char *name);

/* Ends the process, as something in the folder has changed. */
extern void give_up_changed_folder(const char *path) __attribute__((noreturn));

/* Ends the process by a fault of the folder. */
extern void give_up_folder(const char *code, const char *message, const char *path, const char *hint)
	__attribute__((noreturn));

#endif
