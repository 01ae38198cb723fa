#include "connectors/iceberg/vector.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/files/directory.h"
#include "connectors/iceberg/location.h"

/* A length, the set, and its checksum. */
#define LENGTH_BYTES 4
#define SUM_BYTES    4

static void broken(const char *what) __attribute__((noreturn));

static void
broken(const char *what)
{
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "A deletion vector of the Iceberg table is broken.",
					   .detail = what});
}

void
iceberg_vector_place(IcebergVectorPlace *place, const IcebergFile *listed)
{
	*place = (IcebergVectorPlace){.offset = listed->offset,
								  .size = listed->size,
								  .count = listed->records,
								  .sequence = listed->sequence};
	if (place->size < LENGTH_BYTES + SUM_BYTES)
		broken("it does not say how large it is");
	if (place->size > MOST_VECTOR_BYTES)
		broken("it has more than 256 MiB");
	place->path = allocate(listed->path.length + 1);
	memcpy(place->path, listed->path.bytes, listed->path.length);
	place->path[listed->path.length] = '\0';
}

void
iceberg_vector_place_free(IcebergVectorPlace *place)
{
	free(place->path);
	place->path = NULL;
}

static uint32_t
read_number(const char *at)
{
	const unsigned char *bytes = (const unsigned char *) at;

	return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 | bytes[3];
}

static char *
read_bytes(const IcebergVectorPlace *place, const StoredFile *folder)
{
	char *bytes = allocate((size_t) place->size);
	StoredFile file;

	iceberg_open_file(folder, place->path, &file);
	if (stored_read(&file, bytes, (size_t) place->size, place->offset) < (size_t) place->size)
		broken("its file ends before it does");
	stored_check(&file);
	directory_close(&file);
	return bytes;
}

char *
iceberg_vector_read(const IcebergVectorPlace *place, const StoredFile *folder, Roaring *rows)
{
	char *bytes = read_bytes(place, folder);
	size_t length = (size_t) place->size - LENGTH_BYTES - SUM_BYTES;
	const char *fault;

	if (read_number(bytes) != length)
		broken("it has another length than the manifest says");
	if (read_number(bytes + LENGTH_BYTES + length) !=
		crc32(0, (const Bytef *) bytes + LENGTH_BYTES, (uInt) length))
		broken("it is not as it was written: its checksum differs");
	fault = roaring_read(rows, bytes + LENGTH_BYTES, length);
	if (fault)
		broken(fault);
	if (place->count >= 0 && rows->count != place->count)
		broken("it has another number of rows than the manifest says");
	return bytes;
}
