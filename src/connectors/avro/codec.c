#include "connectors/avro/codec.h"

#include <snappy-c.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* A frame of zstandard may not want a larger window. */
#define MOST_WINDOW_LOG 26

static const struct
{
	const char *name;
	AvroCodec codec;
} codecs[] = {{"null", AVRO_PACKED_NOT},
			  {"deflate", AVRO_PACKED_DEFLATE},
			  {"snappy", AVRO_PACKED_SNAPPY},
			  {"zstandard", AVRO_PACKED_ZSTANDARD}};

AvroCodec
avro_codec(const char *name, size_t length)
{
	char detail[64];

	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (name == NULL || length == 0 ||
			(strlen(codecs[i].name) == length && memcmp(codecs[i].name, name, length) == 0))
			return codecs[i].codec;
	snprintf(detail, sizeof(detail), "The codec is %.*s.", length < 32 ? (int) length : 32, name);
	give_up(&(Failure){.step = "query",
					   .code = "unsupported",
					   .message = "The Avro file is packed in a way that is not read.",
					   .detail = detail,
					   .hint = "null, deflate, snappy and zstandard are read."});
}

/* ---- blocks whose length is not told ---- */

/* Makes room behind `used` bytes. */
static void
make_room(AvroFile *avro, size_t used)
{
	if (used < avro->unpacked_room)
		return;
	if (avro->unpacked_room >= MOST_AVRO_BLOCK)
		avro_broken("a block unpacks to more than 64 MiB");
	avro->unpacked_room = avro->unpacked_room ? 2 * avro->unpacked_room : 65536;
	avro->unpacked = reallocate(avro->unpacked, avro->unpacked_room);
}

static size_t
unpack_deflate(AvroFile *avro, size_t packed_length)
{
	z_stream stream = {.next_in = (Bytef *) avro->packed, .avail_in = (uInt) packed_length};
	int result = Z_OK;

	if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
		give_up_out_of_memory();
	while (result == Z_OK)
	{
		make_room(avro, stream.total_out);
		stream.next_out = (Bytef *) avro->unpacked + stream.total_out;
		stream.avail_out = (uInt) (avro->unpacked_room - stream.total_out);
		result = inflate(&stream, Z_NO_FLUSH);
	}
	inflateEnd(&stream);
	if (result != Z_STREAM_END)
		avro_broken("a block cannot be unpacked");
	return stream.total_out;
}

static size_t
unpack_zstandard(AvroFile *avro, size_t packed_length)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	ZSTD_inBuffer in = {.src = avro->packed, .size = packed_length};
	ZSTD_outBuffer out = {.dst = NULL};
	size_t left = 1;

	if (stream == NULL)
		give_up_out_of_memory();
	ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, MOST_WINDOW_LOG);
	while (!ZSTD_isError(left) && (in.pos < in.size || (left > 0 && out.pos == out.size)))
	{
		make_room(avro, out.pos);
		out.dst = avro->unpacked;
		out.size = avro->unpacked_room;
		left = ZSTD_decompressStream(stream, &out, &in);
	}
	ZSTD_freeDStream(stream);
	if (left != 0)
		avro_broken("a block cannot be unpacked");
	return out.pos;
}

/* ---- Snappy ---- */

#define SUM_BYTES 4

static uint32_t
read_sum(const char *at)
{
	const unsigned char *bytes = (const unsigned char *) at;

	return (uint32_t) bytes[0] << 24 | (uint32_t) bytes[1] << 16 | (uint32_t) bytes[2] << 8 | bytes[3];
}

/* The sum of what was packed lies behind it. */
static size_t
unpack_snappy(AvroFile *avro, size_t packed_length)
{
	size_t length = 0;

	if (packed_length < SUM_BYTES ||
		snappy_uncompressed_length(avro->packed, packed_length - SUM_BYTES, &length) != SNAPPY_OK)
		avro_broken("a block cannot be unpacked");
	if (length > MOST_AVRO_BLOCK)
		avro_broken("a block unpacks to more than 64 MiB");
	if (length >= avro->unpacked_room)
	{
		avro->unpacked_room = length + 1;
		avro->unpacked = reallocate(avro->unpacked, avro->unpacked_room);
	}
	if (length > 0 &&
		snappy_uncompress(avro->packed, packed_length - SUM_BYTES, avro->unpacked, &length) != SNAPPY_OK)
		avro_broken("a block cannot be unpacked");
	if (crc32(0, (const Bytef *) avro->unpacked, (uInt) length) !=
		read_sum(avro->packed + packed_length - SUM_BYTES))
		avro_broken("a block is not as it was written: its checksum differs");
	return length;
}

void
avro_unpack(AvroFile *avro, size_t packed_length)
{
	size_t length = packed_length;

	if (avro->codec == AVRO_PACKED_DEFLATE)
		length = unpack_deflate(avro, packed_length);
	else if (avro->codec == AVRO_PACKED_SNAPPY)
		length = unpack_snappy(avro, packed_length);
	else if (avro->codec == AVRO_PACKED_ZSTANDARD)
		length = unpack_zstandard(avro, packed_length);
	avro->at = avro->codec == AVRO_PACKED_NOT ? avro->packed : avro->unpacked;
	avro->end = avro->at + length;
}
