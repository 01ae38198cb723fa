#include "connectors/avro/avro_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/avro/codec.h"
#include "connectors/avro/reading.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define MAGIC        "Obj\1"
#define MAGIC_BYTES  4
#define FIRST_HEADER 65536
#define MOST_HEADER  (16u << 20)
#define MOST_ENTRIES 100000

/* A block begins with two numbers. */
#define MOST_BLOCK_HEAD (2 * MOST_VARINT)

void
avro_broken(const char *what)
{
	give_up(&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The Avro file is broken.",
					   .detail = what,
					   .hint = "The file may have been cut off, or changed in transfer."});
}

bool
avro_begins(const char *bytes, size_t length)
{
	return length >= MAGIC_BYTES && memcmp(bytes, MAGIC, MAGIC_BYTES) == 0;
}

/* ---- the header ---- */

/* Returns false if the bytes end before it does. */
static bool
take_span(const char **at, const char *end, const char **span, size_t *length)
{
	int64_t size;

	if (!varint_take(at, end, &size))
		return false;
	if (size < 0 || size > MOST_HEADER)
		avro_broken("a text of its header has an impossible length");
	if (size > end - *at)
		return false;
	*span = *at;
	*length = (size_t) size;
	*at += size;
	return true;
}

/* Begins a piece of entries. A count below 0 is followed by the bytes of the piece. */
static bool
take_count(const char **at, const char *end, int64_t *count)
{
	int64_t bytes;

	if (!varint_take(at, end, count))
		return false;
	if (*count < -MOST_ENTRIES || *count > MOST_ENTRIES)
		avro_broken("its header has an impossible number of entries");
	if (*count >= 0)
		return true;
	*count = -*count;
	return varint_take(at, end, &bytes);
}

/* Goes to the next entry. *left: entries of the present piece, 0 at first, and -1 behind the last one.
 * Returns false if the bytes end before. */
static bool
take_entry(const char **at, const char *end, int64_t *left, const char **spans, size_t *lengths)
{
	if (*left == 0)
	{
		if (!take_count(at, end, left))
			return false;
		if (*left == 0)
		{
			*left = -1;
			return true;
		}
	}
	--*left;
	return take_span(at, end, &spans[0], &lengths[0]) && take_span(at, end, &spans[1], &lengths[1]);
}

/* Finds the end of the metadata. Returns NULL if the bytes end before. */
static const char *
metadata_end(const char *at, const char *end)
{
	const char *spans[2];
	size_t lengths[2];
	int64_t left = 0;

	while (take_entry(&at, end, &left, spans, lengths))
		if (left < 0)
			return at;
	return NULL;
}

/* Reads as much as the header needs. */
static void
read_header(AvroFile *avro)
{
	size_t length = 0;

	for (size_t room = FIRST_HEADER; avro->metadata_end == NULL; room *= 8)
	{
		if (room > FIRST_HEADER && length < room / 8)
			avro_broken("it ends within its header");
		if (room > MOST_HEADER)
			avro_broken("its header is longer than 16 MiB");
		avro->header = reallocate(avro->header, room);
		length = stored_read(avro->file, avro->header, room, 0);
		if (!avro_begins(avro->header, length))
			avro_broken("it does not begin as an Avro file does");
		avro->metadata = avro->header + MAGIC_BYTES;
		avro->metadata_end = metadata_end(avro->metadata, avro->header + length);
	}
	avro->offset = avro->metadata_end - avro->header;
	if (stored_read(avro->file, avro->marker, AVRO_MARKER_BYTES, avro->offset) < AVRO_MARKER_BYTES)
		avro_broken("it ends within its header");
	avro->offset += AVRO_MARKER_BYTES;
}

const char *
avro_metadata(const AvroFile *avro, const char *key, size_t *length)
{
	const char *at = avro->metadata;
	const char *spans[2];
	size_t lengths[2];
	int64_t left = 0;

	while (take_entry(&at, avro->metadata_end, &left, spans, lengths) && left >= 0)
		if (lengths[0] == strlen(key) && memcmp(spans[0], key, lengths[0]) == 0)
		{
			*length = lengths[1];
			return spans[1];
		}
	return NULL;
}

static void
read_schema(AvroFile *avro)
{
	char fault[128];
	char what[192];
	size_t length;
	const char *text = avro_metadata(avro, "avro.schema", &length);

	if (text == NULL)
		avro_broken("it has no schema");
	avro->schema = avro_schema_read(text, length, fault, sizeof(fault));
	if (avro->schema == NULL)
	{
		snprintf(what, sizeof(what), "its schema cannot be read: %s", fault);
		avro_broken(what);
	}
	avro->type = avro_schema_type(avro->schema);
}

void
avro_open(AvroFile *avro, const StoredFile *file)
{
	const char *codec;
	size_t length = 0;

	*avro = (AvroFile){.file = file};
	read_header(avro);
	read_schema(avro);
	codec = avro_metadata(avro, "avro.codec", &length);
	avro->codec = avro_codec(codec, length);
}

void
avro_close(AvroFile *avro)
{
	if (avro->schema)
		avro_schema_free(avro->schema);
	free(avro->header);
	free(avro->packed);
	free(avro->unpacked);
	*avro = (AvroFile){.file = NULL};
}

/* ---- blocks ---- */

static void
read_packed(AvroFile *avro, size_t size)
{
	unsigned char marker[AVRO_MARKER_BYTES];

	if (size >= avro->packed_room)
	{
		avro->packed_room = size + 1;
		avro->packed = reallocate(avro->packed, avro->packed_room);
	}
	if (stored_read(avro->file, avro->packed, size, avro->offset) < size ||
		stored_read(avro->file, marker, sizeof(marker), avro->offset + (int64_t) size) < sizeof(marker))
		avro_broken("it ends within a block");
	if (memcmp(marker, avro->marker, sizeof(marker)) != 0)
		avro_broken("the mark behind a block is not that of the file");
	avro->offset += (int64_t) (size + sizeof(marker));
}

/* Returns false at the end of the file. */
static bool
next_block(AvroFile *avro)
{
	char head[MOST_BLOCK_HEAD];
	size_t length = stored_read(avro->file, head, sizeof(head), avro->offset);
	const char *at = head;
	int64_t size;

	if (length == 0)
		return false;
	if (!varint_take(&at, head + length, &avro->left) || !varint_take(&at, head + length, &size))
		avro_broken("it ends within a block");
	if (avro->left < 0 || size < 0)
		avro_broken("a block has an impossible number of objects or bytes");
	if (size > MOST_AVRO_BLOCK)
		avro_broken("a block is larger than 64 MiB");
	avro->offset += at - head;
	read_packed(avro, (size_t) size);
	avro_unpack(avro, (size_t) size);
	return true;
}

bool
avro_next(AvroFile *avro)
{
	while (avro->left == 0)
	{
		if (avro->at != avro->end)
			avro_broken("a block has more bytes than its objects");
		if (!next_block(avro))
			return false;
	}
	avro->left--;
	check_progress(avro);
	return true;
}
