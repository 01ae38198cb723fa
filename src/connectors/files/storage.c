#include "connectors/files/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"

/* Where the server puts it (src/wire/README.md). */
#define GIVEN_DESCRIPTOR 3

static void give_up_file(const char *code, const char *message) __attribute__((noreturn));

static void
give_up_file(const char *code, const char *message)
{
	give_up(&(Failure){.step = "connect", .code = code, .message = message});
}

static int64_t
nanoseconds(const struct timespec *time)
{
	return (int64_t) time->tv_sec * 1000000000 + time->tv_nsec;
}

static void
take_status(StoredFile *file, const struct stat *status)
{
	file->size = status->st_size;
	file->modified = nanoseconds(&status->st_mtim);
	file->changed = nanoseconds(&status->st_ctim);
	file->inode = status->st_ino;
}

bool
stored_note(StoredFile *file)
{
	struct stat status;

	if (fstat(file->descriptor, &status) != 0 || !S_ISREG(status.st_mode))
		return false;
	take_status(file, &status);
	return true;
}

void
storage_open(const Request *request, StoredFile *file)
{
	const char *slash = request->path ? strrchr(request->path, '/') : NULL;
	struct stat status;

	if (configuration_lacks(request->path))
		configuration_fails("The data source has no file_path.", NULL);
	if (fstat(GIVEN_DESCRIPTOR, &status) != 0)
		give_up_file("internal", "The server has handed over no file.");
	if (S_ISDIR(status.st_mode))
		give_up_file("configuration", "file_path is a folder, and a source of this type is a file.");
	*file = (StoredFile){.descriptor = GIVEN_DESCRIPTOR, .name = slash ? slash + 1 : request->path};
	if (!stored_note(file))
		give_up_file("configuration", "file_path is neither a file nor a folder.");
	if (file->size == 0)
		give_up_file("protocol", "The file is empty.");
	(void) posix_fadvise(file->descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
}

size_t
stored_read(const StoredFile *file, void *bytes, size_t size, int64_t offset)
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

void
stored_check(const StoredFile *file)
{
	StoredFile now = *file;
	struct stat status;

	if (fstat(file->descriptor, &status) == 0)
		take_status(&now, &status);
	if (now.size == file->size && now.modified == file->modified)
		return;
	give_up(&(Failure){.step = "query",
					   .code = "relation_changed",
					   .transient = true,
					   .message = "The file was changed while it was read.",
					   .hint = "Replace files by renaming a new one over them, and try again."});
}

void
stored_signature(const StoredFile *file, char *signature, size_t size)
{
	snprintf(signature, size, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRIu64, file->size, file->modified,
			 file->changed, file->inode);
}
