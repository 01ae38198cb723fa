#include "connectors/excel/package.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zip.h>

#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"

/* The archive is read in pieces of this size: it may be far away. */
#define PIECE_BYTES 65536

struct Package
{
	zip_t *archive;
	char **names; /* of the parts, with slashes; in order, each with its number in the archive */
	zip_uint64_t *numbers;
	int count;
	/* Where libzip reads. */
	const StoredFile *file;
	int64_t offset;
	int64_t piece_offset;
	size_t piece_length;
	char piece[PIECE_BYTES];
	zip_error_t error;
};

struct Part
{
	zip_file_t *file;
	const char *name;
	int64_t left; /* bytes, by what the archive says */
};

/* ---- the archive's bytes ---- */

static size_t
read_piece(Package *package, char *bytes, size_t size)
{
	int64_t within = package->offset - package->piece_offset;
	size_t length;

	if (within < 0 || within >= (int64_t) package->piece_length)
	{
		package->piece_offset = package->offset;
		package->piece_length =
			stored_read(package->file, package->piece, sizeof(package->piece), package->offset);
		within = 0;
	}
	length = package->piece_length - (size_t) within;
	length = length < size ? length : size;
	memcpy(bytes, package->piece + within, length);
	package->offset += (int64_t) length;
	return length;
}

static zip_int64_t
read_bytes(Package *package, char *bytes, zip_uint64_t size)
{
	size_t done = 0;

	while (done < size)
	{
		size_t length = read_piece(package, bytes + done, size - done);

		if (length == 0)
			break;
		done += length;
	}
	return (zip_int64_t) done;
}

static zip_int64_t
seek(Package *package, void *data, zip_uint64_t length)
{
	zip_int64_t offset = zip_source_seek_compute_offset(
		(zip_uint64_t) package->offset, (zip_uint64_t) package->file->size, data, length, &package->error);

	if (offset < 0)
		return -1;
	package->offset = offset;
	return 0;
}

/* What libzip asks of its source. */
static zip_int64_t
source(void *state, void *data, zip_uint64_t length, zip_source_cmd_t command)
{
	Package *package = state;

	switch (command)
	{
		case ZIP_SOURCE_SUPPORTS:
			return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
												  ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
												  ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL, -1);
		case ZIP_SOURCE_OPEN:
			package->offset = 0;
			return 0;
		case ZIP_SOURCE_READ:
			return read_bytes(package, data, length);
		case ZIP_SOURCE_SEEK:
			return seek(package, data, length);
		case ZIP_SOURCE_TELL:
			return package->offset;
		case ZIP_SOURCE_STAT:
			zip_stat_init(data);
			((zip_stat_t *) data)->size = (zip_uint64_t) package->file->size;
			((zip_stat_t *) data)->valid = ZIP_STAT_SIZE;
			return sizeof(zip_stat_t);
		case ZIP_SOURCE_ERROR:
			return zip_error_to_data(&package->error, data, length);
		default:
			return 0;
	}
}

/* ---- the list of parts ---- */

typedef struct Listed
{
	char *name;
	zip_uint64_t number;
} Listed;

static int
compare(const void *left, const void *right)
{
	return strcasecmp(((const Listed *) left)->name, ((const Listed *) right)->name);
}

static void
check_name(const char *name)
{
	for (const char *at = name; (at = strstr(at, "..")); at++)
		if ((at == name || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
			give_up_broken("The archive has a part whose name leads out of it.", name);
}

static int64_t
list_part(const Package *package, zip_uint64_t number, Listed *listed)
{
	zip_stat_t status;

	if (zip_stat_index(package->archive, number, 0, &status) != 0 || !(status.valid & ZIP_STAT_NAME) ||
		!(status.valid & ZIP_STAT_SIZE) || !(status.valid & ZIP_STAT_COMP_SIZE))
		give_up_broken("The archive's list of parts is broken.", NULL);
	*listed = (Listed){.name = copy_text(status.name), .number = number};
	for (char *at = listed->name; (at = strchr(at, '\\'));)
		*at = '/';
	check_name(listed->name);
	if (status.size > (zip_uint64_t) MOST_PACKAGE_BYTES ||
		(status.size > (1 << 20) && status.size / MOST_PART_RATIO > status.comp_size))
		give_up_too_large("A part of the archive would unpack to too many bytes.", listed->name);
	return (int64_t) status.size;
}

static void
list_parts(Package *package, zip_uint64_t count)
{
	Listed *listed = allocate((size_t) count * sizeof(Listed));
	int64_t bytes = 0;

	for (zip_uint64_t i = 0; i < count; i++)
		bytes += list_part(package, i, &listed[i]);
	if (bytes > MOST_PACKAGE_BYTES)
		give_up_too_large("The parts of the archive would unpack to more than 512 MiB.", NULL);
	qsort(listed, (size_t) count, sizeof(Listed), compare);
	package->count = (int) count;
	package->names = allocate((size_t) count * sizeof(char *));
	package->numbers = allocate((size_t) count * sizeof(zip_uint64_t));
	for (zip_uint64_t i = 0; i < count; i++)
	{
		if (i > 0 && compare(&listed[i - 1], &listed[i]) == 0)
			give_up_broken("The archive has two parts of one name.", listed[i].name);
		package->names[i] = listed[i].name;
		package->numbers[i] = listed[i].number;
	}
	free(listed);
}

/* Returns the place of the name, or -1. */
static int
find(const Package *package, const char *name)
{
	int low = 0;
	int high = package->count;

	while (low < high)
	{
		int middle = (low + high) / 2;
		int order = strcasecmp(name, package->names[middle]);

		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

Package *
package_open(const StoredFile *file)
{
	Package *package = allocate(sizeof(Package));
	zip_source_t *from;
	zip_error_t error;
	zip_int64_t count;

	memset(package, 0, sizeof(*package));
	package->file = file;
	zip_error_init(&package->error);
	zip_error_init(&error);
	from = zip_source_function_create(source, package, &error);
	package->archive = from ? zip_open_from_source(from, ZIP_RDONLY, &error) : NULL;
	if (package->archive == NULL)
		give_up_broken("The file is no whole zip archive, as workbooks are.", zip_error_strerror(&error));
	zip_error_fini(&error);
	count = zip_get_num_entries(package->archive, 0);
	if (count > MOST_PARTS)
		give_up_too_large("The archive has more than 10,000 parts.", NULL);
	list_parts(package, (zip_uint64_t) count);
	return package;
}

void
package_close(Package *package)
{
	zip_discard(package->archive);
	for (int i = 0; i < package->count; i++)
		free(package->names[i]);
	free(package->names);
	free(package->numbers);
	free(package);
}

bool
package_has(const Package *package, const char *name)
{
	return find(package, name) >= 0;
}

/* ---- one part ---- */

Part *
part_open(const Package *package, const char *name)
{
	int place = find(package, name);
	zip_stat_t status;
	Part *part = allocate(sizeof(Part));

	if (place < 0)
		give_up_broken("The archive lacks a part that another one names.", name);
	if (zip_stat_index(package->archive, package->numbers[place], 0, &status) != 0)
		give_up_broken("The archive's list of parts is broken.", NULL);
	if ((status.valid & ZIP_STAT_ENCRYPTION_METHOD) && status.encryption_method != ZIP_EM_NONE)
		give_up_unsupported("The workbook is encrypted.", "Store it without a password.");
	*part = (Part){.file = zip_fopen_index(package->archive, package->numbers[place], 0),
				   .name = package->names[place],
				   .left = (int64_t) status.size};
	if (part->file == NULL)
		give_up_broken("A part of the archive cannot be unpacked.", part->name);
	return part;
}

size_t
part_read(Part *part, char *bytes, size_t size)
{
	zip_int64_t length = zip_fread(part->file, bytes, size);

	if (length < 0)
		give_up_broken("A part of the archive is broken.", part->name);
	part->left -= length;
	if (part->left < 0)
		give_up_broken("A part of the archive is longer than the archive says.", part->name);
	return (size_t) length;
}

void
part_close(Part *part)
{
	zip_fclose(part->file);
	free(part);
}
