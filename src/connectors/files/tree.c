#include "connectors/files/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* Of a pipe or a device the open itself must not wait. */
#define HOW_TO_OPEN (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

#define LONGEST_PATH 4096

static void give_up_folder(const char *code, const char *message, const char *path, const char *hint)
	__attribute__((noreturn));

static void
give_up_folder(const char *code, const char *message, const char *path, const char *hint)
{
	give_up(&(Failure){.step = "query", .code = code, .message = message, .detail = path, .hint = hint});
}

void
give_up_changed_folder(const char *path)
{
	give_up(
		&(Failure){.step = "query",
				   .code = "relation_changed",
				   .transient = true,
				   .message = "The folder was changed while it was read.",
				   .detail = path,
				   .hint = "Write new parts under names that begin with `_`, and rename them at the end."});
}

static void give_up_open(const char *path, int error) __attribute__((noreturn));

static void
give_up_open(const char *path, int error)
{
	if (error == ENOENT || error == ENOTDIR || error == ELOOP)
		give_up_changed_folder(path);
	if (error == EACCES || error == EPERM)
		give_up_folder("permission", "The server may not read a part of the folder.", path, NULL);
	give_up_folder("unreachable", "A part of the folder could not be opened.", path, strerror(error));
}

/* ---- the list ---- */

typedef struct Walk
{
	Tree *tree;
	char path[LONGEST_PATH];
	uint64_t mount;
} Walk;

/* A bind mount has the device of what it shows. Without the number of the mount the device decides. */
static uint64_t
mount_of(int descriptor)
{
	struct statx status;

	if (statx(descriptor, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &status) != 0)
		return 0;
	if (status.stx_mask & STATX_MNT_ID)
		return status.stx_mnt_id;
	return ((uint64_t) status.stx_dev_major << 32) | status.stx_dev_minor;
}

/* Appends the name to the path. Returns the length that the path had. */
static size_t
enter(Walk *walk, const char *name)
{
	size_t length = strlen(walk->path);

	if (length + strlen(name) + 2 > sizeof(walk->path))
		give_up_folder("too_large", "A path in the folder is longer than 4,095 bytes.", walk->path, NULL);
	snprintf(walk->path + length, sizeof(walk->path) - length, "%s%s", length > 0 ? "/" : "", name);
	return length;
}

/* Room is made for a power of two. */
static void
add_file(Walk *walk, const struct stat *status)
{
	Tree *tree = walk->tree;
	TreeFile *file;

	if (tree->count == MOST_TREE_FILES)
		give_up_folder("too_large", "The folder has more than 10,000 files.", NULL, NULL);
	if ((tree->count & (tree->count - 1)) == 0)
		tree->files =
			reallocate(tree->files, (size_t) (tree->count == 0 ? 1 : 2 * tree->count) * sizeof(TreeFile));
	file = &tree->files[tree->count++];
	file->path = copy_text(walk->path);
	file->size = status->st_size;
	storage_write_state(status, file->state);
}

static void list_folder(Walk *walk, int descriptor, int depth);

static void
list_below(Walk *walk, int folder, const char *name, int depth)
{
	int descriptor;

	if (depth == MOST_TREE_DEPTH)
		give_up_folder("too_large", "The folder has more than 16 levels.", walk->path, NULL);
	descriptor = openat(folder, name, HOW_TO_OPEN | O_DIRECTORY);
	if (descriptor < 0)
		give_up_open(walk->path, errno);
	if (mount_of(descriptor) != walk->mount)
		give_up_folder("permission", "A part of the folder is on another file system.", walk->path, NULL);
	list_folder(walk, descriptor, depth + 1);
}

static void
take_entry(Walk *walk, int folder, const char *name, int depth)
{
	size_t length = enter(walk, name);
	struct stat status;

	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		give_up_open(walk->path, errno);
	if (S_ISREG(status.st_mode))
		add_file(walk, &status);
	else if (S_ISDIR(status.st_mode))
		list_below(walk, folder, name, depth);
	else
		give_up_folder(S_ISLNK(status.st_mode) ? "permission" : "configuration",
					   S_ISLNK(status.st_mode)
						   ? "The folder has a symbolic link, which the storage does not follow."
						   : "The folder has something that is neither a file nor a folder.",
					   walk->path, NULL);
	walk->path[length] = '\0';
}

/* Takes the descriptor. */
static void
list_folder(Walk *walk, int descriptor, int depth)
{
	DIR *entries = fdopendir(descriptor);
	const struct dirent *entry;

	if (entries == NULL)
		give_up_out_of_memory();
	while (errno = 0, (entry = readdir(entries)) != NULL)
		if (entry->d_name[0] != '.' && entry->d_name[0] != '_')
			take_entry(walk, descriptor, entry->d_name, depth);
	if (errno != 0)
		give_up_open(walk->path, errno);
	closedir(entries);
}

static int
order_files(const void *a, const void *b)
{
	return strcmp(((const TreeFile *) a)->path, ((const TreeFile *) b)->path);
}

void
tree_list(int descriptor, Tree *tree)
{
	static Walk walk;
	int folder = openat(descriptor, ".", HOW_TO_OPEN | O_DIRECTORY);

	*tree = (Tree){.descriptor = descriptor};
	if (folder < 0)
		give_up_open(".", errno);
	walk = (Walk){.tree = tree, .mount = mount_of(folder)};
	list_folder(&walk, folder, 0);
	if (tree->count > 1)
		qsort(tree->files, (size_t) tree->count, sizeof(TreeFile), order_files);
}

void
tree_free(Tree *tree)
{
	for (int i = 0; i < tree->count; i++)
		free(tree->files[i].path);
	free(tree->files);
	*tree = (Tree){.descriptor = -1};
}

/* ---- one file ---- */

/* Step by step: a folder may have been replaced by a link. */
static int
open_steps(int folder, const char *path, int how)
{
	char name[NAME_MAX + 1];
	int at = folder;

	for (;;)
	{
		size_t length = strcspn(path, "/");
		bool is_last = path[length] == '\0';
		int next;

		if (length > NAME_MAX)
			give_up_open(path, ENAMETOOLONG);
		memcpy(name, path, length);
		name[length] = '\0';
		next = openat(at, name, HOW_TO_OPEN | (is_last ? how : O_DIRECTORY));
		if (at != folder)
			close(at);
		if (next < 0 || is_last)
			return next;
		at = next;
		path += length + 1;
	}
}

void
tree_open(const Tree *tree, const TreeFile *listed, StoredFile *file)
{
	int descriptor = open_steps(tree->descriptor, listed->path, 0);
	const char *slash = strrchr(listed->path, '/');

	if (descriptor < 0)
		give_up_open(listed->path, errno);
	if (!storage_take(file, descriptor, slash ? slash + 1 : listed->path) ||
		strcmp(file->state, listed->state) != 0)
		give_up_changed_folder(listed->path);
	(void) posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
}

/* No part of the path is empty, or leads to the folder itself or above it. */
static bool
leads_below(const char *path)
{
	for (;;)
	{
		size_t length = strcspn(path, "/");

		if (length == 0 || (length == 1 && path[0] == '.') ||
			(length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (path[length] == '\0')
			return true;
		path += length + 1;
	}
}

int
tree_find(int folder, const char *path, bool is_folder)
{
	int found = leads_below(path) ? open_steps(folder, path, is_folder ? O_DIRECTORY : 0) : -1;

	if (found >= 0 && mount_of(found) != mount_of(folder))
		give_up_folder("permission", "A part of the folder is on another file system.", path, NULL);
	if (found < 0 && (errno == EACCES || errno == EPERM))
		give_up_open(path, errno);
	return found;
}
