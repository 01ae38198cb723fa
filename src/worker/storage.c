/*
 * storage.c — opens a stored file for the connector that reads it. The connector gets the descriptor, never a
 * path: what lies elsewhere is out of its reach. The path was checked when it was registered; here the kernel
 * keeps every step of it below the root. Where the storage is a bucket, the descriptor leads to the storage
 * broker, which knows of no other path.
 */
#include "storage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "storage/fd.h"

#include "broker.h"
#include "bucket_root.h"
#include "catalog/settings.h"
#include "check/text.h"

/* Of a pipe or a device the open itself must not wait, nor make it this process's terminal. */
#define HOW_TO_OPEN (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

static int
failed(RgFailure *failure, const char *code, const char *message, const char *detail)
{
	rg_failed(failure, code, message, detail);
	return 0;
}

static int
failed_here(RgFailure *failure, const char *message, const char *missing)
{
	rg_failed_here(failure, "unavailable", message, missing);
	return 0;
}

static int
open_root(RgFailure *failure)
{
	int root;

	if (*rg_storage_root == '\0')
		return failed_here(failure,
						   "there is no storage for files: the operator has not set rivergen.storage_root",
						   "rivergen.storage_root is empty");
	if (*rg_storage_root != '/')
		return failed_here(failure, "the storage for files could not be opened",
						   psprintf("rivergen.storage_root must be the absolute path of a directory, or "
									"s3://bucket/prefix: \"%s\"",
									rg_storage_root));
	root = open(rg_storage_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return failed_here(
			failure, "the storage for files could not be opened",
			psprintf("could not open rivergen.storage_root \"%s\": %s", rg_storage_root, strerror(errno)));
	return root;
}

static int
open_below(int root, const char *path)
{
	struct open_how how = {.flags = HOW_TO_OPEN, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};

	if (rg_storage_one_filesystem)
		how.resolve |= RESOLVE_NO_XDEV;
	return (int) syscall(SYS_openat2, root, path, &how, sizeof(how));
}

static const struct
{
	int error;
	const char *code;
	const char *message;
} refusals[] = {
	{ENOENT, "database_not_found", "the file does not exist"},
	{ENOTDIR, "database_not_found", "a part of file_path is a file where a directory is needed"},
	{EACCES, "permission", "the server may not read the file"},
	{EPERM, "permission", "the server may not read the file"},
	{ELOOP, "permission", "file_path leads over a symbolic link, which the storage does not follow"},
	{EXDEV, "permission",
	 "file_path leads out of the storage, or to another file system while rivergen.storage_one_filesystem is on"},
	{ENXIO, "configuration", "file_path is neither a file nor a directory"},
	{ENAMETOOLONG, "configuration", "a part of file_path is longer than a file name can be"}};

/* Tells of no more than the organization's own path. */
static int
explain(const RgEndpoint *endpoint, int error, RgFailure *failure)
{
	for (int i = 0; i < (int) lengthof(refusals); i++)
		if (refusals[i].error == error)
			return failed(failure, refusals[i].code, refusals[i].message,
						  psprintf("file_path: %s", endpoint->file_path));
	if (error == ENOSYS)
		return failed_here(failure, "this machine cannot open files safely",
						   "openat2() needs Linux 5.6, and a container profile that allows it");
	return failed_here(failure, "the file could not be opened",
					   psprintf("could not open \"%s\" below rivergen.storage_root: %s", endpoint->file_path,
								strerror(error)));
}

static bool
is_file_or_directory(int file)
{
	struct stat status;

	return fstat(file, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode));
}

static bool
check_path(const RgEndpoint *endpoint, RgFailure *failure)
{
	const char *path = endpoint->file_path;
	const char *fault;

	if (path == NULL)
		return rg_failed(failure, "configuration", "the source has no file_path", NULL);
	fault = rg_file_path_fault(path, (int) strlen(path), endpoint->organization_id);
	return fault == NULL || rg_failed(failure, "configuration", psprintf("file_path %s", fault), NULL);
}

static bool
open_local(const RgEndpoint *endpoint, RgStored *stored, RgFailure *failure)
{
	int root = open_root(failure);
	int file;
	int error;

	if (root == 0)
		return false;
	file = open_below(root, endpoint->file_path);
	error = errno;
	close(root);
	if (file < 0)
		return explain(endpoint, error, failure);
	if (!is_file_or_directory(file))
	{
		close(file);
		return explain(endpoint, ENXIO, failure);
	}
	stored->descriptor = file;
	return true;
}

bool
rg_storage_open(const RgEndpoint *endpoint, RgStored *stored, RgFailure *failure)
{
	bool is_open;

	*stored = (RgStored){0};
	if (!check_path(endpoint, failure))
		return false;
	if (rg_bucket_root_is_set())
	{
		stored->broker = rg_broker_start(endpoint, &stored->descriptor, failure);
		is_open = stored->broker != NULL;
	}
	else
		is_open = open_local(endpoint, stored, failure);
	if (is_open)
		ReserveExternalFD();
	return is_open;
}

void
rg_storage_close(RgStored *stored)
{
	if (stored->descriptor == 0)
		return;
	close(stored->descriptor);
	stored->descriptor = 0;
	ReleaseExternalFD();
}

const char *
rg_storage_fault(void)
{
	int root;

	if (*rg_storage_root == '\0')
		return NULL;
	if (rg_bucket_root_is_set())
		return rg_broker_fault();
	root = open(rg_storage_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return psprintf("rivergen.storage_root \"%s\": %m", rg_storage_root);
	close(root);
	return NULL;
}
