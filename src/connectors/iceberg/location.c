#include "connectors/iceberg/location.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/files/directory.h"

/* Of s3a://bucket/x and s3n://bucket/x: s3://bucket/x. Of file:///x and
 * file:/x: /x. Of ./x: x. Returns what is behind
 * the scheme, and the scheme's length. */
static const char *
without_scheme(const char *path, size_t *scheme)
{
	const char *colon = strstr(path, ":/");
	size_t length = colon ? (size_t) (colon - path) : 0;

	*scheme = 0;
	if (strncmp(path, "./", 2) == 0)
		return path + 2;
	if (colon == NULL || strcspn(path, "/") < length)
		return path;
	if (length == 4 && strncmp(path, "file", length) == 0)
	{
		path = colon + 1;
		while (path[0] == '/' && path[1] == '/')
			path++;
		return path;
	}
	*scheme =
		length == 3 && (strncmp(path, "s3a", length) == 0 || strncmp(path, "s3n", length) == 0) ? 2 : length;
	return colon;
}

static bool
leads_up(const char *path)
{
	for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2)
		if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
			return true;
	return false;
}

/* What is behind the place in the path; NULL: it is not below it. */
static const char *
behind(const char *path, const char *place)
{
	size_t scheme;
	size_t other;
	const char *rest = without_scheme(path, &scheme);
	const char *root = without_scheme(place, &other);
	size_t length = strlen(root);

	if (scheme != other || strncmp(path, place, scheme) != 0)
		return NULL;
	while (length > 0 && root[length - 1] == '/')
		length--;
	if (strncmp(rest, root, length) != 0 || rest[length] != '/')
		return NULL;
	rest += length;
	rest += strspn(rest, "/");
	return leads_up(rest) ? NULL : rest;
}

const char *
iceberg_path_below(const IcebergMetadata *metadata, const char *path)
{
	const char *location = json_member_text(metadata->root, "location");
	const char *below = location ? behind(path, location) : NULL;
	char detail[1024];

	if (below && below[0] != '\0')
		return below;
	snprintf(detail, sizeof(detail), "The file is %.400s, and the table's location %.400s.", path,
			 location ? location : "is not told");
	give_up(&(Failure){.step = "query",
					   .code = "unsupported",
					   .message = "A file of the Iceberg table lies outside of the table's folder.",
					   .detail = detail,
					   .hint = "Only files below the location that the metadata names are read."});
}

void
iceberg_file_is_missing(const StoredFile *folder, const char *path)
{
	char detail[512];

	snprintf(detail, sizeof(detail), "The file is %.400s.", path);
	if (!iceberg_is_newest(folder->object, folder))
		give_up(&(Failure){.step = "query",
						   .code = "relation_changed",
						   .transient = true,
						   .message =
							   "The Iceberg table was rewritten while it was read, and a file was removed.",
						   .detail = detail,
						   .hint = "Try again; expire snapshots later than the longest reading takes."});
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "A file of the Iceberg table is missing.",
					   .detail = detail,
					   .hint = "The table may have been copied in part."});
}

void
iceberg_open_file(const StoredFile *folder, const char *path, StoredFile *file)
{
	const char *below = iceberg_path_below(folder->object, path);

	if (!directory_open(folder, below, file))
		iceberg_file_is_missing(folder, below);
}
