#include "connectors/delta_lake/vector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/delta_lake/log.h"
#include "connectors/files/directory.h"

#define UUID_CHARACTERS 20
#define UUID_BYTES      16

static void broken(const char *what) __attribute__((noreturn));

static void
broken(const char *what)
{
	delta_broken("deletionVector", what);
}

/* ---- where it is ---- */

void
delta_vector_place(DeltaVectorPlace *place, const JsonNode *vector)
{
	const char *type = json_member_text(vector, "storageType");
	const char *text = json_member_text(vector, "pathOrInlineDv");

	*place = (DeltaVectorPlace){.type = '\0'};
	if (vector == NULL)
		return;
	if (type == NULL || text == NULL || (strcmp(type, "u") && strcmp(type, "i") && strcmp(type, "p")))
		broken("it does not say where it is");
	if (!json_member_integer(vector, "sizeInBytes", &place->size) || place->size < 0 ||
		!json_member_integer(vector, "cardinality", &place->count) || place->count < 0)
		broken("it does not say how large it is");
	if (place->size > MOST_VECTOR_BYTES)
		broken("it has more than 256 MiB");
	if (type[0] != 'i' && (!json_member_integer(vector, "offset", &place->offset) || place->offset < 0))
		broken("it does not say where in its file it is");
	place->type = type[0];
	place->text = copy_text(text);
}

void
delta_vector_place_free(DeltaVectorPlace *place)
{
	free(place->text);
	*place = (DeltaVectorPlace){.type = '\0'};
}

/* ---- Z85: five characters are four bytes ---- */

static int
digit_of(char character)
{
	static const char digits[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
	const char *at = character ? strchr(digits, character) : NULL;

	return at ? (int) (at - digits) : -1;
}

/* Returns false if the text is none. There must be room for four fifths of its length. */
static bool
decode(const char *text, size_t length, char *bytes)
{
	if (length % 5 != 0)
		return false;
	for (size_t i = 0; i < length; i += 5, bytes += 4)
	{
		uint64_t number = 0;

		for (size_t j = 0; j < 5; j++)
		{
			int digit = digit_of(text[i + j]);

			if (digit < 0)
				return false;
			number = number * 85 + (uint64_t) digit;
		}
		if (number > UINT32_MAX)
			return false;
		for (int j = 0; j < 4; j++)
			bytes[j] = (char) (number >> (24 - 8 * j));
	}
	return true;
}

/* ---- the bytes ---- */

static char *
read_inline(const DeltaVectorPlace *place)
{
	size_t length = strlen(place->text);
	char *bytes = allocate(length + 1);

	if (!decode(place->text, length, bytes) || length / 5 * 4 < (size_t) place->size)
		broken("its text is no Z85 of as many bytes as it should have");
	return bytes;
}

/* A folder, which may be missing, and the name's number: the last 20 characters. */
static char *
file_path(const DeltaVectorPlace *place)
{
	size_t length = strlen(place->text);
	size_t folder = length - UUID_CHARACTERS;
	unsigned char uuid[UUID_BYTES];
	char *path;
	char *at;

	if (length < UUID_CHARACTERS || !decode(place->text + folder, UUID_CHARACTERS, (char *) uuid))
		broken("the name of its file is no Z85");
	path = allocate(length + sizeof("/deletion_vector_.bin") + 2 * UUID_BYTES + 4);
	memcpy(path, place->text, folder);
	at = path + folder;
	at += sprintf(at, "%sdeletion_vector_", folder > 0 ? "/" : "");
	for (int i = 0; i < UUID_BYTES; i++)
		at += sprintf(at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
	strcpy(at, ".bin");
	return path;
}

static uint32_t
big_endian(const char *bytes)
{
	const unsigned char *at = (const unsigned char *) bytes;

	return (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 | (uint32_t) at[2] << 8 | at[3];
}

/* The size, the bytes, and their sum. */
static char *
read_stored(const DeltaVectorPlace *place, const StoredFile *file)
{
	size_t size = (size_t) place->size;
	char *bytes = allocate(size + 8);

	if (stored_read(file, bytes, size + 8, place->offset) < size + 8 || big_endian(bytes) != size)
		broken("its file has fewer bytes than it should have");
	memmove(bytes, bytes + 4, size + 4);
	if (crc32(0, (const unsigned char *) bytes, (unsigned) size) != big_endian(bytes + size))
		broken("its bytes do not have the sum that its file says");
	return bytes;
}

static char *
read_file(const DeltaVectorPlace *place, const StoredFile *folder)
{
	StoredFile file;
	char *path;
	char *bytes;

	if (place->type == 'p')
		give_up(&(Failure){.step = "query",
						   .code = "unsupported",
						   .message = "A deletion vector of the Delta table has an absolute path.",
						   .hint = "A clone that shares files with another table is not read."});
	path = file_path(place);
	if (!directory_open(folder, path, &file))
		delta_vanished(path);
	bytes = read_stored(place, &file);
	stored_check(&file);
	directory_close(&file);
	free(path);
	return bytes;
}

void
delta_vector_read(DeltaVector *vector, const DeltaVectorPlace *place, const StoredFile *folder)
{
	const char *fault;

	*vector = (DeltaVector){.bytes = NULL};
	if (place->type == '\0')
		return;
	vector->bytes = place->type == 'i' ? read_inline(place) : read_file(place, folder);
	fault = roaring_read(&vector->rows, vector->bytes, (size_t) place->size);
	if (fault)
		broken(fault);
	if (vector->rows.count != place->count)
		broken("it has another number of rows than the log says");
}

bool
delta_vector_has(DeltaVector *vector, int64_t row)
{
	return vector->bytes && roaring_has(&vector->rows, (uint64_t) row);
}

void
delta_vector_free(DeltaVector *vector)
{
	roaring_free(&vector->rows);
	free(vector->bytes);
	*vector = (DeltaVector){.bytes = NULL};
}
