#include "connectors/files/directory.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/unpacked.h"

/* Room is made for a power of two. */
void
directory_add(Directory *directory, const char *name, bool is_folder)
{
	int count = directory->count;

	if (count == MOST_DIRECTORY_ENTRIES)
		give_up(&(Failure){
			.step = "query", .code = "too_large", .message = "The folder has more than 1,000,000 files."});
	if ((count & (count - 1)) == 0)
		directory->entries =
			reallocate(directory->entries, (size_t) (count == 0 ? 1 : 2 * count) * sizeof(DirectoryEntry));
	directory->entries[directory->count++] =
		(DirectoryEntry){.name = copy_text(name), .is_folder = is_folder};
}

static int
order_entries(const void *a, const void *b)
{
	return strcmp(((const DirectoryEntry *) a)->name, ((const DirectoryEntry *) b)->name);
}

bool
directory_list(const StoredFile *folder, const char *path, Directory *directory)
{
	*directory = (Directory){.entries = NULL};
	if (!folder->below->list(folder, path, directory))
		return false;
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
	return folder->below->open(folder, path, file);
}

void
directory_close(StoredFile *file)
{
	stored_close(file);
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
