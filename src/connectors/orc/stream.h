/*
 * stream.h — a part of an ORC file as bytes, one after the other: unpacked block by block.
 */
#ifndef RG_ORC_STREAM_H
#define RG_ORC_STREAM_H

#include "connectors/files/storage.h"

typedef enum OrcPacking
{
	ORC_PACKED_NOT,
	ORC_PACKED_ZLIB,
	ORC_PACKED_SNAPPY,
	ORC_PACKED_LZO,
	ORC_PACKED_LZ4,
	ORC_PACKED_ZSTD,
	ORC_PACKED_BROTLI
} OrcPacking;

/* How all parts of a file but its last bytes are packed. */
typedef struct OrcCodec
{
	uint64_t packing;  /* an OrcPacking, or a number that is not known */
	size_t block_size; /* a block unpacks to at most so many bytes */
} OrcCodec;

typedef struct OrcStream
{
	const StoredFile *file;
	const OrcCodec *codec;
	int64_t offset; /* of what is not yet read */
	int64_t left;
	unsigned char *packed;
	unsigned char *bytes; /* unpacked, of the present block */
	size_t used;
	size_t length;
} OrcStream;

/* Ends the process if the part is not in the file, or the codec cannot be unpacked. */
extern void orc_stream_begin(OrcStream *stream, const StoredFile *file, const OrcCodec *codec, int64_t offset,
							 int64_t length);

/* Unpacks the next block if there is no byte left. Returns how many there are, at `bytes + used`: 0 at the
 * end. */
extern size_t orc_stream_fill(OrcStream *stream);

/* The next bytes; the process ends if there are not so many. */
extern void orc_stream_read(OrcStream *stream, void *bytes, size_t length);
extern unsigned char orc_stream_byte(OrcStream *stream);

/* An integer of seven bits a byte, the lowest ones first. */
extern uint64_t orc_stream_varint(OrcStream *stream);

/* All bytes up to the end, at most `most`. The caller frees them. */
extern unsigned char *orc_stream_all(OrcStream *stream, size_t most, size_t *length);

extern void orc_stream_end(OrcStream *stream);

#endif
