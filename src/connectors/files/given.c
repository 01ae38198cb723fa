#include "connectors/files/given.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "connectors/common/configuration.h"
#include "connectors/common/emit.h"
#include "connectors/files/brokered.h"
#include "connectors/files/local.h"

/* Where the server puts it (src/wire/README.md). */
#define GIVEN_DESCRIPTOR 3

static void give_up_file(const char *code, const char *message) __attribute__((noreturn));

static void
give_up_file(const char *code, const char *message)
{
	give_up(&(Failure){.step = "connect", .code = code, .message = message});
}

/* Of this machine. */
static bool
take_local(StoredFile *file, const struct stat *status)
{
	*file = (StoredFile){.name = file->name, .descriptor = GIVEN_DESCRIPTOR, .below = &local_below};
	if (S_ISDIR(status->st_mode))
		return false;
	if (!storage_take(file, GIVEN_DESCRIPTOR, file->name))
		give_up_file("configuration", "file_path is neither a file nor a folder.");
	(void) posix_fadvise(file->descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
	return true;
}

bool
given_open(const Request *request, StoredFile *file)
{
	const char *slash = request->path ? strrchr(request->path, '/') : NULL;
	struct stat status;
	bool is_file;

	if (configuration_lacks(request->path))
		configuration_fails("The data source has no file_path.", NULL);
	if (fstat(GIVEN_DESCRIPTOR, &status) != 0)
		give_up_file("internal", "The server has handed over no file.");
	*file = (StoredFile){.name = slash ? slash + 1 : request->path};
	is_file = S_ISSOCK(status.st_mode) ? brokered_take(file, GIVEN_DESCRIPTOR) : take_local(file, &status);
	if (is_file && file->size == 0)
		give_up_file("protocol", "The file is empty.");
	return is_file;
}
