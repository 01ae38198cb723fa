#include "connectors/files/local.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/common/emit.h"
#include "connectors/files/directory.h"
#include "connectors/files/tree.h"
#include "wire/stored.h"

/* Of a pipe or a device the open itself must not wait. */
#define HOW_TO_OPEN (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

#define LONGEST_PATH 4096

static void give_up_open(const char *path, int error) __attribute__((noreturn));

static bool
is_missing(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

static void
give_up_open(const char *path, int error)
{
	if (is_missing(error))
		give_up_changed_folder(path);
	if (error == EACCES || error == EPERM)
		give_up_folder("permission", "The server may not read a part of the folder.", path, NULL);
	give_up_folder("unreachable", "A part of the folder could not be opened.", path, strerror(error));
}

/* ---- all levels ---- */

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

static void list_folder(Walk *walk, int descriptor, int depth);

static void
enter_folder(Walk *walk, int folder, const char *name, int depth)
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
		storage_write_state(&status, tree_add(walk->tree, walk->path, status.st_size)->state);
	else if (S_ISDIR(status.st_mode))
		enter_folder(walk, folder, name, depth);
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
		if (!tree_passes_over(entry->d_name))
			take_entry(walk, descriptor, entry->d_name, depth);
	if (errno != 0)
		give_up_open(walk->path, errno);
	closedir(entries);
}

static void
list_tree(const StoredFile *file, Tree *tree)
{
	static Walk walk;
	int folder = openat(file->descriptor, ".", HOW_TO_OPEN | O_DIRECTORY);

	if (folder < 0)
		give_up_open(".", errno);
	walk = (Walk){.tree = tree, .mount = mount_of(folder)};
	list_folder(&walk, folder, 0);
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

/* Opens a file or a folder by its path from the folder on. Returns -1 if there is none. */
static int
find(int folder, const char *path, int how)
{
	int found;

	if (!stored_leads_below(path))
		return -1;
	found = open_steps(folder, path, how);
	if (found >= 0 && mount_of(found) != mount_of(folder))
		give_up_folder("permission", "A part of the folder is on another file system.", path, NULL);
	if (found < 0 && !is_missing(errno))
		give_up_open(path, errno);
	return found;
}

static bool
open_file(const StoredFile *folder, const char *path, StoredFile *file)
{
	const char *slash = strrchr(path, '/');
	int descriptor = find(folder->descriptor, path, 0);

	if (descriptor < 0)
		return false;
	if (storage_take(file, descriptor, slash ? slash + 1 : path))
		return true;
	close(descriptor);
	return false;
}

/* ---- one level ---- */

static bool
is_folder(int folder, const struct dirent *entry)
{
	struct stat status;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

/* A descriptor of its own, which begins with the first entry. */
static int
open_again(int folder)
{
	return openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool
list(const StoredFile *folder, const char *path, Directory *directory)
{
	int descriptor =
		path[0] == '\0' ? open_again(folder->descriptor) : find(folder->descriptor, path, O_DIRECTORY);
	const struct dirent *entry;
	DIR *entries;

	if (descriptor < 0)
		return false;
	entries = fdopendir(descriptor);
	if (entries == NULL)
		give_up_out_of_memory();
	while (errno = 0, (entry = readdir(entries)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			directory_add(directory, entry->d_name, is_folder(descriptor, entry));
	if (errno != 0)
		give_up_changed_folder(path);
	closedir(entries);
	return true;
}

const Below local_below = {.list_tree = list_tree, .list = list, .open = open_file};
