/*
 * tree.h — the files below a folder that the server has opened. Each step down is one name: no link is
 * followed, no name leads up, and no other file system is entered. So nothing beside the folder can be
 * opened, whatever changes in it meanwhile.
 */
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
	int descriptor; /* of the folder */
	TreeFile *files;
	int count;
} Tree;

/*
 * Lists the files, in the order of their paths' bytes. Names that begin with `_` or `.` are left out, with
 * what is below them. A link, a pipe or the like ends the process, and so do too many files, or too deep
 * ones.
 */
extern void tree_list(int descriptor, Tree *tree);
extern void tree_free(Tree *tree);

/* Opens a file of the list, which must be as it was. Otherwise the process ends. */
extern void tree_open(const Tree *tree, const TreeFile *listed, StoredFile *file);

/*
 * Opens a file or a folder by its path from the folder on, which nothing leads out of. Returns -1 if there is
 * none.
 */
extern int tree_find(int folder, const char *path, bool is_folder);

/* Ends the process, as something in the folder has changed. */
extern void give_up_changed_folder(const char *path) __attribute__((noreturn));

#endif
