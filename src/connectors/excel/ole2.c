#include "connectors/excel/ole2.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"

#define HEADER_BYTES     512
#define LISTS_IN_HEADER  109
#define ENTRY_BYTES      128
#define SMALL_SHIFT      6
#define LEAST_BIG_STREAM 4096
#define TYPE_STREAM      2
#define TYPE_ROOT        5

static void give_up_chain(void) __attribute__((noreturn));

static void
give_up_chain(void)
{
	give_up_broken("The OLE2 file is broken: its sectors do not follow one another.", NULL);
}

/* NULL: the file has no such sector, or not all of it. */
static const unsigned char *
find_sector(const Ole2 *ole2, uint32_t sector)
{
	size_t size = (size_t) 1 << ole2->sector_shift;
	size_t offset = ((size_t) sector + 1) << ole2->sector_shift;

	return sector < ole2->sectors && offset + size <= ole2->length ? ole2->bytes + offset : NULL;
}

/* Adds the sectors that one sector of the list tells the successors of. */
static void
add_list(Ole2 *ole2, uint32_t list, uint32_t *known)
{
	uint32_t entries = (uint32_t) 1 << (ole2->sector_shift - 2);
	const unsigned char *bytes = find_sector(ole2, list);

	for (uint32_t i = 0; bytes && i < entries && *known < ole2->sectors; i++)
		ole2->next[(*known)++] = little32(bytes + 4 * i);
}

static void
read_lists(Ole2 *ole2)
{
	uint32_t entries = ((uint32_t) 1 << (ole2->sector_shift - 2)) - 1;
	uint32_t more = little32(ole2->bytes + 68);
	uint32_t known = 0;

	for (int i = 0; i < LISTS_IN_HEADER; i++)
		add_list(ole2, little32(ole2->bytes + 76 + 4 * i), &known);
	for (uint32_t steps = 0; find_sector(ole2, more) && steps < ole2->sectors; steps++)
	{
		const unsigned char *bytes = find_sector(ole2, more);

		for (uint32_t i = 0; i < entries; i++)
			add_list(ole2, little32(bytes + 4 * i), &known);
		more = little32(bytes + 4 * entries);
	}
	for (; known < ole2->sectors; known++)
		ole2->next[known] = UINT32_MAX;
}

void
ole2_open(Ole2 *ole2, const StoredFile *file)
{
	if (file->size > MOST_OLE2_BYTES)
		give_up_too_large("A workbook of the kind .xls has more than 64 MiB.", NULL);
	*ole2 = (Ole2){.bytes = allocate((size_t) file->size + HEADER_BYTES)};
	memset(ole2->bytes, 0, HEADER_BYTES);
	ole2->length = stored_read(file, ole2->bytes, (size_t) file->size, 0);
	ole2->sector_shift = little16(ole2->bytes + 30);
	if (ole2->length < HEADER_BYTES || (ole2->sector_shift != 9 && ole2->sector_shift != 12))
		give_up_broken("The OLE2 file is broken: its header is not whole.", NULL);
	ole2->sectors = (uint32_t) (ole2->length >> ole2->sector_shift);
	ole2->next = allocate((size_t) ole2->sectors * sizeof(uint32_t));
	ole2->directory = little32(ole2->bytes + 48);
	ole2->small_next = little32(ole2->bytes + 60);
	read_lists(ole2);
}

void
ole2_close(Ole2 *ole2)
{
	free(ole2->bytes);
	free(ole2->next);
}

/* Copies a chain of sectors, of `length` bytes, or of all if it is SIZE_MAX. */
static unsigned char *
read_chain(const Ole2 *ole2, uint32_t sector, size_t *length)
{
	size_t size = (size_t) 1 << ole2->sector_shift;
	bool takes_all = *length == SIZE_MAX;
	unsigned char *bytes;
	size_t done = 0;

	if (takes_all || *length > ole2->length)
		*length = ole2->length;
	bytes = allocate(*length);
	while (done < *length)
	{
		const unsigned char *from = find_sector(ole2, sector);
		size_t part = *length - done < size ? *length - done : size;

		if (from == NULL)
			break;
		memcpy(bytes + done, from, part);
		done += part;
		sector = ole2->next[sector];
	}
	if (done < *length && !takes_all)
	{
		free(bytes);
		give_up_chain();
	}
	*length = done;
	return bytes;
}

/* ---- the directory ---- */

static bool
is_entry(const unsigned char *entry, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		if (tolower(entry[2 * i]) != tolower((unsigned char) name[i]) || entry[2 * i + 1] != 0)
			return false;
	return little16(entry + 64) == 2 * (length + 1) && entry[66] == TYPE_STREAM;
}

/* Finds the entry of a stream, or that of the root if the name is NULL. */
static bool
find_entry(const Ole2 *ole2, const char *name, uint32_t *sector, size_t *size)
{
	size_t length = SIZE_MAX;
	unsigned char *directory = read_chain(ole2, ole2->directory, &length);
	bool is_found = false;

	for (size_t at = 0; at + ENTRY_BYTES <= length && !is_found; at += ENTRY_BYTES)
	{
		const unsigned char *entry = directory + at;

		is_found = name ? is_entry(entry, name) : entry[66] == TYPE_ROOT;
		*sector = little32(entry + 116);
		*size = little32(entry + 120);
	}
	free(directory);
	return is_found;
}

bool
ole2_has(const Ole2 *ole2, const char *stream)
{
	uint32_t sector;
	size_t size;

	return find_entry(ole2, stream, &sector, &size);
}

/* Small streams share the sectors of a stream of the root. */
static unsigned char *
read_small(const Ole2 *ole2, uint32_t sector, size_t length)
{
	size_t list_length = SIZE_MAX;
	size_t all_length;
	uint32_t root;
	unsigned char *list;
	unsigned char *all;
	unsigned char *bytes = allocate(length + 1);
	size_t done = 0;

	if (!find_entry(ole2, NULL, &root, &all_length))
		give_up_chain();
	list = read_chain(ole2, ole2->small_next, &list_length);
	all_length = SIZE_MAX;
	all = read_chain(ole2, root, &all_length);
	while (done < length)
	{
		size_t offset = (size_t) sector << SMALL_SHIFT;
		size_t part = length - done < ((size_t) 1 << SMALL_SHIFT) ? length - done : (size_t) 1 << SMALL_SHIFT;

		if (offset + part > all_length || ((size_t) sector + 1) * 4 > list_length)
			give_up_chain();
		memcpy(bytes + done, all + offset, part);
		done += part;
		sector = little32(list + (size_t) sector * 4);
	}
	free(list);
	free(all);
	return bytes;
}

unsigned char *
ole2_read(const Ole2 *ole2, const char *stream, size_t *length)
{
	uint32_t sector;

	if (!find_entry(ole2, stream, &sector, length))
		return NULL;
	if (*length < LEAST_BIG_STREAM)
		return read_small(ole2, sector, *length);
	return read_chain(ole2, sector, length);
}
