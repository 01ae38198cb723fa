#include "connectors/parquet/codec.h"

#include <lz4.h>
#include <snappy-c.h>
#include <stdint.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

/* As the format numbers them. */
enum
{
	CODEC_NONE,
	CODEC_SNAPPY,
	CODEC_GZIP,
	CODEC_LZO,
	CODEC_BROTLI,
	CODEC_LZ4_FRAMED,
	CODEC_ZSTD,
	CODEC_LZ4
};

const char *
codec_refusal(int codec)
{
	if (codec == CODEC_LZO)
		return "it is packed by LZO";
	if (codec == CODEC_BROTLI)
		return "it is packed by Brotli";
	return codec < CODEC_NONE || codec > CODEC_LZ4 ? "it is packed in a way that is not known" : NULL;
}

bool
codec_is_none(int codec)
{
	return codec == CODEC_NONE;
}

static bool
unpack_snappy(const char *packed, size_t packed_length, char *bytes, size_t length)
{
	size_t said;

	return snappy_uncompressed_length(packed, packed_length, &said) == SNAPPY_OK && said == length &&
		   snappy_uncompress(packed, packed_length, bytes, &said) == SNAPPY_OK;
}

/* One member of gzip after the other. */
static bool
unpack_gzip(const char *packed, size_t packed_length, char *bytes, size_t length)
{
	z_stream stream = {.next_in = (Bytef *) (uintptr_t) packed,
					   .avail_in = (uInt) packed_length,
					   .next_out = (Bytef *) bytes,
					   .avail_out = (uInt) length};
	int result = Z_STREAM_END;

	if (inflateInit2(&stream, MAX_WBITS + 32) != Z_OK)
		return false;
	while (result == Z_STREAM_END && stream.avail_out > 0 && stream.avail_in > 0)
	{
		result = inflate(&stream, Z_FINISH);
		if (result == Z_STREAM_END && stream.avail_in > 0 && inflateReset(&stream) != Z_OK)
			break;
	}
	inflateEnd(&stream);
	return stream.avail_out == 0;
}

static bool
unpack_zstd(const char *packed, size_t packed_length, char *bytes, size_t length)
{
	return ZSTD_decompress(bytes, length, packed, packed_length) == length;
}

static bool
unpack_lz4(const char *packed, size_t packed_length, char *bytes, size_t length)
{
	return LZ4_decompress_safe(packed, bytes, (int) packed_length, (int) length) == (int) length;
}

static size_t
read_length(const char *at)
{
	const unsigned char *bytes = (const unsigned char *) at;

	return (size_t) bytes[0] << 24 | (size_t) bytes[1] << 16 | (size_t) bytes[2] << 8 | bytes[3];
}

/* A part of Hadoop's frame: the length of what it holds, then blocks with their length before each. */
static bool
unpack_part(const char **at, const char *end, char **bytes, char *bytes_end)
{
	size_t left = read_length(*at);

	if (left > (size_t) (bytes_end - *bytes))
		return false;
	*at += 4;
	while (left > 0)
	{
		size_t block;
		int unpacked;

		if (end - *at < 4)
			return false;
		block = read_length(*at);
		*at += 4;
		if (block > (size_t) (end - *at))
			return false;
		unpacked = LZ4_decompress_safe(*at, *bytes, (int) block, (int) left);
		if (unpacked <= 0)
			return false;
		*at += block;
		*bytes += unpacked;
		left -= (size_t) unpacked;
	}
	return true;
}

/* Some writers leave the frame off. */
static bool
unpack_framed(const char *packed, size_t packed_length, char *bytes, size_t length)
{
	const char *at = packed;
	const char *end = packed + packed_length;
	char *next = bytes;

	while (end - at >= 4 && next < bytes + length && unpack_part(&at, end, &next, bytes + length))
		;
	return (next == bytes + length && at == end) || unpack_lz4(packed, packed_length, bytes, length);
}

bool
codec_unpack(int codec, const char *packed, size_t packed_length, char *bytes, size_t length)
{
	switch (codec)
	{
		case CODEC_SNAPPY:
			return unpack_snappy(packed, packed_length, bytes, length);
		case CODEC_GZIP:
			return unpack_gzip(packed, packed_length, bytes, length);
		case CODEC_LZ4_FRAMED:
			return unpack_framed(packed, packed_length, bytes, length);
		case CODEC_ZSTD:
			return unpack_zstd(packed, packed_length, bytes, length);
		case CODEC_LZ4:
			return unpack_lz4(packed, packed_length, bytes, length);
		default:
			return false;
	}
}
