#include "connectors/files/unpacked.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define PACKED_BYTES 262144
#define FREE_BYTES   INT64_C(1048576)

/* zlib's: 15 for the largest window, 16 for the format gzip. */
#define GZIP_WINDOW (15 + 16)
/* A window of 128 MB, as the program zstd allows without --long. */
#define ZSTD_WINDOW_LOG 27

static void give_up_packed(const char *code, const char *message) __attribute__((noreturn));

static void
give_up_packed(const char *code, const char *message)
{
	give_up(&(Failure){.step = "query", .code = code, .message = message});
}

static Packing
packing_of(const StoredFile *file)
{
	unsigned char magic[4] = {0};
	size_t length = stored_read(file, magic, sizeof(magic), 0);

	if (length >= 2 && magic[0] == 0x1f && magic[1] == 0x8b)
		return PACKED_GZIP;
	if (length == 4 && memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0)
		return PACKED_ZSTD;
	return PACKED_NOT;
}

static void
begin_gzip(Unpacked *in)
{
	z_stream *stream = allocate(sizeof(z_stream));

	memset(stream, 0, sizeof(*stream));
	if (inflateInit2(stream, GZIP_WINDOW) != Z_OK)
		give_up_out_of_memory();
	in->state = stream;
}

static void
begin_zstd(Unpacked *in)
{
	ZSTD_DStream *stream = ZSTD_createDStream();

	if (stream == NULL)
		give_up_out_of_memory();
	ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG);
	in->state = stream;
}

void
unpacked_begin(Unpacked *in, const StoredFile *file)
{
	*in = (Unpacked){.file = file, .packing = packing_of(file)};
	if (in->packing == PACKED_NOT)
		return;
	in->packed = allocate(PACKED_BYTES);
	if (in->packing == PACKED_GZIP)
		begin_gzip(in);
	else
		begin_zstd(in);
}

void
unpacked_end(Unpacked *in)
{
	if (in->packing == PACKED_GZIP)
	{
		inflateEnd(in->state);
		free(in->state);
	}
	if (in->packing == PACKED_ZSTD)
		ZSTD_freeDStream(in->state);
	free(in->packed);
	*in = (Unpacked){0};
}

/* Returns false at the end of the file. */
static bool
fill(Unpacked *in)
{
	if (in->packed_used < in->packed_length)
		return true;
	in->packed_length = stored_read(in->file, in->packed, PACKED_BYTES, in->offset);
	in->offset += (int64_t) in->packed_length;
	in->packed_used = 0;
	return in->packed_length > 0;
}

/* Several members may follow one another; zeros may stand behind the last one. */
static size_t
read_gzip(Unpacked *in, char *bytes, size_t size)
{
	z_stream *stream = in->state;
	int result;

	if (!in->in_frame && in->has_begun)
	{
		if (in->packed[in->packed_used] == 0)
		{
			in->packed_used++;
			return 0;
		}
		inflateReset(stream);
	}
	in->in_frame = true;
	in->has_begun = true;
	stream->next_in = in->packed + in->packed_used;
	stream->avail_in = (uInt) (in->packed_length - in->packed_used);
	stream->next_out = (unsigned char *) bytes;
	stream->avail_out = (uInt) size;
	result = inflate(stream, Z_NO_FLUSH);
	in->packed_used = in->packed_length - stream->avail_in;
	if (result == Z_STREAM_END)
		in->in_frame = false;
	else if (result == Z_MEM_ERROR)
		give_up_out_of_memory();
	else if (result != Z_OK && result != Z_BUF_ERROR)
		give_up_packed("protocol", "The gzip file is damaged.");
	return size - stream->avail_out;
}

static size_t
read_zstd(Unpacked *in, char *bytes, size_t size)
{
	ZSTD_inBuffer source = {in->packed, in->packed_length, in->packed_used};
	ZSTD_outBuffer target = {bytes, size, 0};
	size_t result = ZSTD_decompressStream(in->state, &target, &source);

	if (ZSTD_isError(result) && ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge)
		give_up_packed("unsupported", "The zstd file needs a window of more than 128 MB.");
	if (ZSTD_isError(result))
		give_up_packed("protocol", "The zstd file is damaged.");
	in->packed_used = source.pos;
	in->in_frame = result != 0;
	return target.pos;
}

static void
check_size(const Unpacked *in)
{
	if (in->count > MOST_UNPACKED)
		give_up_packed("too_large", "The file unpacks to more than 1 GiB.");
	if (in->count > FREE_BYTES && in->count / MOST_RATIO > in->file->size)
		give_up_packed("too_large", "The file unpacks to more than 200 times its size.");
}

static size_t
read_packed(Unpacked *in, char *bytes, size_t size)
{
	size_t length = 0;

	while (length == 0)
	{
		/* What is unpacked already may still be inside the library. */
		bool has_more = fill(in);

		if (!has_more && !in->in_frame)
			break;
		length = in->packing == PACKED_GZIP ? read_gzip(in, bytes, size) : read_zstd(in, bytes, size);
		if (length == 0 && !has_more)
			give_up_packed("protocol", in->packing == PACKED_GZIP ? "The gzip file is cut off."
																  : "The zstd file is cut off.");
	}
	in->count += (int64_t) length;
	check_size(in);
	return length;
}

size_t
unpacked_read(Unpacked *in, char *bytes, size_t size)
{
	size_t length;

	if (in->packing != PACKED_NOT)
		return read_packed(in, bytes, size);
	/* Bytes that are appended meanwhile are not part of the file that was opened. */
	if ((int64_t) size > in->file->size - in->offset)
		size = (size_t) (in->file->size - in->offset);
	length = stored_read(in->file, bytes, size, in->offset);
	if (length < size)
		stored_check(in->file);
	in->offset += (int64_t) length;
	in->count = in->offset;
	return length;
}

char *
unpacked_name(const StoredFile *file, Packing packing)
{
	static const char *const endings[] = {[PACKED_NOT] = "", [PACKED_GZIP] = ".gz", [PACKED_ZSTD] = ".zst"};
	char *name = copy_text(file->name);
	size_t length = strlen(name);
	size_t ending = strlen(endings[packing]);

	if (length > ending && strcasecmp(name + length - ending, endings[packing]) == 0)
		name[length - ending] = '\0';
	return name;
}
