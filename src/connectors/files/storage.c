#include "connectors/files/storage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/common/emit.h"

/* ---- files of this machine ---- */

static long long
nanoseconds(const struct timespec *time)
{
	return (long long) time->tv_sec * 1000000000 + time->tv_nsec;
}

/* Contents may change without the size, and the time of a change can be set back, but not that of the inode.
 */
void
storage_write_state(const struct stat *status, char *state)
{
	snprintf(state, STORED_STATE_BYTES, "%lld %lld %lld %llu", (long long) status->st_size,
			 nanoseconds(&status->st_mtim), nanoseconds(&status->st_ctim),
			 (unsigned long long) status->st_ino);
}

static size_t
read_descriptor(const StoredFile *file, void *bytes, size_t size, int64_t offset)
{
	size_t done = 0;

	while (done < size)
	{
		ssize_t length = pread(file->descriptor, (char *) bytes + done, size - done, offset + (int64_t) done);

		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			give_up(&(Failure){.step = "query",
							   .code = "unreachable",
							   .transient = true,
							   .message = "The file could not be read.",
							   .detail = strerror(errno)});
		if (length == 0)
			break;
		done += (size_t) length;
	}
	return done;
}

/* A file whose name or owner changes is the same file: size and the time of its contents decide. */
static bool
is_descriptor_unchanged(const StoredFile *file)
{
	struct stat status;
	long long size;
	long long modified;

	return fstat(file->descriptor, &status) == 0 && sscanf(file->state, "%lld %lld", &size, &modified) == 2 &&
		   status.st_size == size && nanoseconds(&status.st_mtim) == modified;
}

static void
close_descriptor(StoredFile *file)
{
	close(file->descriptor);
	file->descriptor = -1;
}

static const Storage descriptors = {
	.read = read_descriptor, .is_unchanged = is_descriptor_unchanged, .close = close_descriptor};

bool
storage_take(StoredFile *file, int descriptor, const char *name)
{
	struct stat status;

	if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
		return false;
	*file =
		(StoredFile){.storage = &descriptors, .name = name, .size = status.st_size, .descriptor = descriptor};
	storage_write_state(&status, file->state);
	return true;
}

/* ---- no file ---- */

static bool
is_always_unchanged(const StoredFile *file)
{
	(void) file;
	return true;
}

static const Storage nothing = {.is_unchanged = is_always_unchanged};

const StoredFile no_stored_file = {.storage = &nothing, .name = "", .descriptor = -1};

/* ---- any file ---- */

size_t
stored_read(const StoredFile *file, void *bytes, size_t size, int64_t offset)
{
	return file->storage->read ? file->storage->read(file, bytes, size, offset) : 0;
}

void
stored_check(const StoredFile *file)
{
	if (file->storage->is_unchanged(file))
		return;
	give_up(&(Failure){.step = "query",
					   .code = "relation_changed",
					   .transient = true,
					   .message = "The file was changed while it was read.",
					   .hint = "Replace files by renaming a new one over them, and try again."});
}

void
stored_close(StoredFile *file)
{
	if (file->storage->close)
		file->storage->close(file);
}
