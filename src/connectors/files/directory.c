#include "connectors/files/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/tree.h"
#include "connectors/files/unpacked.h"

static bool
is_folder(int folder, const struct dirent *entry)
{
	struct stat status;

	if (entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return fstatat(folder, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

/* Room is made for a power of two. */
static void
add_entry(Directory *directory, int folder, const struct dirent *entry)
{
	int count = directory->count;

	if (count == MOST_DIRECTORY_ENTRIES)
		give_up(&(Failure){
			.step = "query", .code = "too_large", .message = "The folder has more than 1,000,000 files."});
	if ((count & (count - 1)) == 0)
		directory->entries =
			reallocate(directory->entries, (size_t) (count == 0 ? 1 : 2 * count) * sizeof(DirectoryEntry));
	directory->entries[directory->count++] =
		(DirectoryEntry){.name = copy_text(entry->d_name), .is_folder = is_folder(folder, entry)};
}

static int
order_entries(const void *a, const void *b)
{
	return strcmp(((const DirectoryEntry *) a)->name, ((const DirectoryEntry *) b)->name);
}

/* A descriptor of its own, which begins with the first entry. */
static int
open_again(int folder)
{
	return openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool
directory_list(const StoredFile *folder, const char *path, Directory *directory)
{
	int descriptor =
		path[0] == '\0' ? open_again(folder->descriptor) : tree_find(folder->descriptor, path, true);
	const struct dirent *entry;
	DIR *entries;

	*directory = (Directory){.entries = NULL};
	if (descriptor < 0)
		return false;
	entries = fdopendir(descriptor);
	if (entries == NULL)
		give_up_out_of_memory();
	while (errno = 0, (entry = readdir(entries)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			add_entry(directory, descriptor, entry);
	if (errno != 0)
		give_up_changed_folder(path);
	closedir(entries);
	if (directory->count > 1)
		qsort(directory->entries, (size_t) directory->count, sizeof(DirectoryEntry), order_entries);
	return true;
}

void
directory_free(Directory *directory)
{
	for (int i = 0; i < directory->count; i++)
		free(directory->entries[i].name);
	free(directory->entries);
	*directory = (Directory){.entries = NULL};
}

bool
directory_open(const StoredFile *folder, const char *path, StoredFile *file)
{
	const char *slash = strrchr(path, '/');
	int descriptor = tree_find(folder->descriptor, path, false);

	if (descriptor < 0)
		return false;
	if (storage_take(file, descriptor, slash ? slash + 1 : path))
		return true;
	close(descriptor);
	return false;
}

void
directory_close(StoredFile *file)
{
	close(file->descriptor);
	file->descriptor = -1;
}

static void give_up_large(const char *path) __attribute__((noreturn));

static void
give_up_large(const char *path)
{
	give_up(&(Failure){.step = "query",
					   .code = "too_large",
					   .message = "A file that describes the table is larger than what is read at once.",
					   .detail = path});
}

char *
directory_read(const StoredFile *folder, const char *path, size_t most, size_t *length)
{
	StoredFile file;
	Unpacked in;
	size_t room = 65536;
	size_t some;
	char *text;

	if (!directory_open(folder, path, &file))
		return NULL;
	text = allocate(room + 1);
	*length = 0;
	unpacked_begin(&in, &file);
	while ((some = unpacked_read(&in, text + *length, room - *length)) > 0)
	{
		*length += some;
		if (*length > most)
			give_up_large(path);
		if (*length == room)
			text = reallocate(text, (room *= 2) + 1);
	}
	unpacked_end(&in);
	stored_check(&file);
	directory_close(&file);
	text[*length] = '\0';
	return text;
}
