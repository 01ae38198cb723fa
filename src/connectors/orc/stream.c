#include "connectors/orc/stream.h"

#include <lz4.h>
#include <snappy-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "connectors/common/memory.h"
#include "connectors/orc/fault.h"

/* Writers make blocks of 256 kB. */
#define MOST_BLOCK_BYTES (16u << 20)
#define PLAIN_BYTES      65536
#define HEADER_BYTES     3

static void
check_codec(const OrcCodec *codec)
{
	switch (codec->packing)
	{
		case ORC_PACKED_NOT:
		case ORC_PACKED_ZLIB:
		case ORC_PACKED_SNAPPY:
		case ORC_PACKED_LZ4:
		case ORC_PACKED_ZSTD:
			break;
		case ORC_PACKED_LZO:
			orc_unsupported("The ORC file is packed by LZO, which is not read.", NULL);
		case ORC_PACKED_BROTLI:
			orc_unsupported("The ORC file is packed by Brotli, which is not read.", NULL);
		default:
			orc_unsupported("The ORC file is packed in a way that is not known.", NULL);
	}
	if (codec->packing != ORC_PACKED_NOT && codec->block_size > MOST_BLOCK_BYTES)
		orc_too_large("The blocks of the ORC file are larger than 16 MiB.");
}

void
orc_stream_begin(OrcStream *stream, const StoredFile *file, const OrcCodec *codec, int64_t offset,
				 int64_t length)
{
	check_codec(codec);
	if (offset < 0 || length < 0 || offset > file->size || length > file->size - offset)
		orc_broken("A part of it lies behind its end.");
	*stream = (OrcStream){.file = file, .codec = codec, .offset = offset, .left = length};
}

static void
read_raw(OrcStream *stream, void *bytes, size_t length)
{
	if ((int64_t) length > stream->left || stored_read(stream->file, bytes, length, stream->offset) != length)
		orc_broken("A block ends early.");
	stream->offset += (int64_t) length;
	stream->left -= (int64_t) length;
}

/* ---- blocks ---- */

static size_t
inflate_block(const OrcStream *stream, size_t length)
{
	z_stream inflater = {.next_in = stream->packed, .avail_in = (uInt) length};
	size_t size = stream->codec->block_size;
	int result;

	if (inflateInit2(&inflater, -MAX_WBITS) != Z_OK)
		orc_broken("zlib could not begin.");
	inflater.next_out = stream->bytes;
	inflater.avail_out = (uInt) size;
	result = inflate(&inflater, Z_FINISH);
	inflateEnd(&inflater);
	if (result != Z_STREAM_END)
		orc_broken("A block is not what zlib packs.");
	return size - inflater.avail_out;
}

static size_t
unpack(const OrcStream *stream, size_t length)
{
	const char *packed = (const char *) stream->packed;
	size_t size = stream->codec->block_size;
	int taken;

	switch (stream->codec->packing)
	{
		case ORC_PACKED_ZLIB:
			return inflate_block(stream, length);
		case ORC_PACKED_SNAPPY:
			if (snappy_uncompress(packed, length, (char *) stream->bytes, &size) != SNAPPY_OK)
				orc_broken("A block is not what Snappy packs.");
			return size;
		case ORC_PACKED_LZ4:
			taken = LZ4_decompress_safe(packed, (char *) stream->bytes, (int) length, (int) size);
			if (taken < 0)
				orc_broken("A block is not what LZ4 packs.");
			return (size_t) taken;
		default:
			size = ZSTD_decompress(stream->bytes, size, packed, length);
			if (ZSTD_isError(size))
				orc_broken("A block is not what Zstandard packs.");
			return size;
	}
}

/* A block begins with its length, and whether it is as it was before packing. */
static void
next_block(OrcStream *stream)
{
	size_t size = stream->codec->block_size;
	unsigned char header[HEADER_BYTES];
	size_t length;

	if (stream->bytes == NULL)
	{
		stream->bytes = allocate(size);
		stream->packed = allocate(size);
	}
	read_raw(stream, header, sizeof(header));
	length = ((size_t) header[0] | (size_t) header[1] << 8 | (size_t) header[2] << 16) >> 1;
	if (length > size)
		orc_broken("A block is longer than the file says of its blocks.");
	if (header[0] & 1)
	{
		read_raw(stream, stream->bytes, length);
		stream->length = length;
		return;
	}
	read_raw(stream, stream->packed, length);
	stream->length = unpack(stream, length);
}

static void
next_plain(OrcStream *stream)
{
	size_t length = stream->left < PLAIN_BYTES ? (size_t) stream->left : PLAIN_BYTES;

	if (stream->bytes == NULL)
		stream->bytes = allocate(PLAIN_BYTES);
	read_raw(stream, stream->bytes, length);
	stream->length = length;
}

size_t
orc_stream_fill(OrcStream *stream)
{
	while (stream->used == stream->length && stream->left > 0)
	{
		stream->used = 0;
		stream->length = 0;
		if (stream->codec->packing == ORC_PACKED_NOT)
			next_plain(stream);
		else
			next_block(stream);
	}
	return stream->length - stream->used;
}

/* ---- bytes ---- */

void
orc_stream_read(OrcStream *stream, void *bytes, size_t length)
{
	while (length > 0)
	{
		size_t some = orc_stream_fill(stream);

		if (some == 0)
			orc_broken("A column has fewer values than rows.");
		if (some > length)
			some = length;
		memcpy(bytes, stream->bytes + stream->used, some);
		stream->used += some;
		bytes = (char *) bytes + some;
		length -= some;
	}
}

unsigned char
orc_stream_byte(OrcStream *stream)
{
	unsigned char byte;

	orc_stream_read(stream, &byte, 1);
	return byte;
}

uint64_t
orc_stream_varint(OrcStream *stream)
{
	uint64_t value = 0;

	for (int shift = 0; shift < 64; shift += 7)
	{
		unsigned char byte = orc_stream_byte(stream);

		value |= (uint64_t) (byte & 0x7F) << shift;
		if ((byte & 0x80) == 0)
			return value;
	}
	orc_broken("An integer is longer than 64 bits.");
}

unsigned char *
orc_stream_all(OrcStream *stream, size_t most, size_t *length)
{
	unsigned char *all = NULL;
	size_t some;

	*length = 0;
	while ((some = orc_stream_fill(stream)) > 0)
	{
		if (some > most - *length)
			orc_too_large("A part of the ORC file is larger than what is read at once.");
		all = reallocate(all, *length + some);
		memcpy(all + *length, stream->bytes + stream->used, some);
		*length += some;
		stream->used = stream->length;
	}
	return all ? all : allocate(1);
}

void
orc_stream_end(OrcStream *stream)
{
	free(stream->packed);
	free(stream->bytes);
	*stream = (OrcStream){.file = NULL};
}
