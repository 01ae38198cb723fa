#include "postgres.h"

#include "private_file.h"

#include <limits.h>
#include <sys/stat.h>

#include "miscadmin.h"

bool
rg_inside_data_directory(const char *path)
{
	char directory[MAXPGPATH];
	char data[PATH_MAX];

	strlcpy(directory, path, sizeof(directory));
	get_parent_directory(directory);
	if (realpath(DataDir, data) == NULL)
		return false;

	char *real = realpath(directory, NULL);
	bool inside = real != NULL && path_is_prefix_of_path(data, real);

	free(real);
	return inside;
}

const char *
rg_private_file_fault(const char *path, int descriptor)
{
	struct stat status;

	if (descriptor < 0)
		return errno == ENOENT ? "it does not exist" : "it cannot be opened";
	if (rg_inside_data_directory(path))
		return "it lies inside the data directory";
	if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
		return "it is not a regular file";
	if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "it may be read by others; its mode must be 0600";
	return NULL;
}
