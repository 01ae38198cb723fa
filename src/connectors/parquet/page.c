#include "connectors/parquet/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "connectors/common/memory.h"
#include "connectors/parquet/codec.h"

#define READ_BYTES        131072
#define FIRST_HEADER      512
#define MOST_HEADER_BYTES 16777216
#define MOST_PAGE_BYTES   536870912

static void fails(const PageReader *pages, const char *what) __attribute__((noreturn));

static void
fails(const PageReader *pages, const char *what)
{
	give_up_column(pages->file, pages->column, "protocol", what);
}

void
pages_begin(PageReader *pages, const StoredFile *file, const char *column, const ColumnChunk *chunk)
{
	if (chunk->offset < 4 || chunk->offset > file->size || chunk->size < 0)
		give_up_column(file, column, "protocol", "its pages are not in the file");
	pages->file = file;
	pages->column = column;
	pages->codec = chunk->codec;
	pages->offset = chunk->offset;
	pages->end = chunk->size > file->size - chunk->offset ? file->size : chunk->offset + chunk->size;
	pages->window_length = 0;
}

void
pages_end(PageReader *pages)
{
	free(pages->window);
	free(pages->bytes);
}

/* ---- pieces of the file ---- */

static void
fill_window(PageReader *pages, int64_t offset, size_t size)
{
	int64_t ahead = pages->end - offset < READ_BYTES ? pages->end - offset : READ_BYTES;
	size_t wanted = ahead > 0 && (size_t) ahead > size ? (size_t) ahead : size;

	if (wanted > pages->window_size)
	{
		free(pages->window);
		pages->window = allocate(wanted);
		pages->window_size = wanted;
	}
	pages->window_offset = offset;
	pages->window_length = stored_read(pages->file, pages->window, wanted, offset);
}

/* Returns bytes of the file, and how many there are, at most `size`: fewer at its end. */
static const char *
look_at(PageReader *pages, int64_t offset, size_t size, size_t *length)
{
	int64_t from = offset - pages->window_offset;

	if (pages->window_length == 0 || from < 0 || from > (int64_t) pages->window_length ||
		size > pages->window_length - (size_t) from)
	{
		fill_window(pages, offset, size);
		from = 0;
	}
	*length = pages->window_length - (size_t) from;
	if (*length > size)
		*length = size;
	return pages->window + from;
}

/* ---- headers ---- */

static void
read_data(Thrift *in, PageHeader *header)
{
	ThriftField field = {.id = 0};

	while (thrift_next(in, &field))
		if (field.id == 1)
			header->value_count = thrift_i32(in, &field);
		else if (field.id == 2)
			header->encoding = (Encoding) thrift_i32(in, &field);
		else if (field.id == 3)
			header->definition_encoding = (Encoding) thrift_i32(in, &field);
		else if (field.id == 4)
			header->repetition_encoding = (Encoding) thrift_i32(in, &field);
		else
			thrift_skip(in, &field);
}

static void
read_data_2(Thrift *in, PageHeader *header)
{
	ThriftField field = {.id = 0};

	while (thrift_next(in, &field))
		if (field.id == 1)
			header->value_count = thrift_i32(in, &field);
		else if (field.id == 4)
			header->encoding = (Encoding) thrift_i32(in, &field);
		else if (field.id == 5)
			header->definition_length = thrift_i32(in, &field);
		else if (field.id == 6)
			header->repetition_length = thrift_i32(in, &field);
		else if (field.id == 7)
			header->is_as_it_is = !thrift_boolean(in, &field);
		else
			thrift_skip(in, &field);
}

static void
read_dictionary(Thrift *in, PageHeader *header)
{
	ThriftField field = {.id = 0};

	while (thrift_next(in, &field))
		if (field.id == 1)
			header->value_count = thrift_i32(in, &field);
		else if (field.id == 2)
			header->encoding = (Encoding) thrift_i32(in, &field);
		else
			thrift_skip(in, &field);
}

/* Of data, of a dictionary, of data of the second version. */
static void
read_kind(Thrift *in, const ThriftField *field, PageHeader *header)
{
	if (!thrift_structure(in, field))
		return;
	if (field->id == 8)
		read_data_2(in, header);
	else if (field->id == 7)
		read_dictionary(in, header);
	else
		read_data(in, header);
	thrift_leave(in);
}

static void
read_header(Thrift *in, PageHeader *header)
{
	ThriftField field = {.id = 0};

	*header = (PageHeader){.kind = PAGE_INDEX, .size = -1, .packed_size = -1, .value_count = -1};
	while (thrift_next(in, &field))
		if (field.id == 1)
			header->kind = (PageKind) thrift_i32(in, &field);
		else if (field.id == 2)
			header->size = thrift_i32(in, &field);
		else if (field.id == 3)
			header->packed_size = thrift_i32(in, &field);
		else if (field.id == 4)
		{
			header->checksum = (uint32_t) thrift_i32(in, &field);
			header->has_checksum = true;
		}
		else if (field.id == 5 || field.id == 7 || field.id == 8)
			read_kind(in, &field, header);
		else
			thrift_skip(in, &field);
}

static void
check_header(const PageReader *pages, const PageHeader *header)
{
	if (header->size < 0 || header->packed_size < 0)
		fails(pages, "a page has a size that cannot be");
	if (header->size > MOST_PAGE_BYTES || header->packed_size > MOST_PAGE_BYTES)
		give_up_column(pages->file, pages->column, "too_large", "a page has more than 512 MiB");
	if ((header->kind == PAGE_DATA || header->kind == PAGE_DATA_2 || header->kind == PAGE_DICTIONARY) &&
		header->value_count < 0)
		fails(pages, "a page has a number of values that cannot be");
	if (header->kind == PAGE_DATA_2 &&
		(header->definition_length < 0 || header->repetition_length < 0 ||
		 (int64_t) header->definition_length + header->repetition_length > header->size ||
		 (int64_t) header->definition_length + header->repetition_length > header->packed_size))
		fails(pages, "a page has levels of a length that cannot be");
}

void
pages_next(PageReader *pages, PageHeader *header)
{
	for (size_t size = FIRST_HEADER;; size *= 8)
	{
		Thrift in;
		size_t length;
		const char *bytes = look_at(pages, pages->offset, size, &length);

		thrift_begin(&in, bytes, length);
		read_header(&in, header);
		if (in.fault && in.is_short && length == size && size < MOST_HEADER_BYTES)
			continue;
		if (in.fault)
			fails(pages, "the header of a page is damaged");
		pages->offset += (const char *) in.next - bytes;
		break;
	}
	check_header(pages, header);
	pages->offset += header->packed_size;
}

/* ---- bytes ---- */

static void
check_bytes(const PageReader *pages, const PageHeader *header, const char *packed)
{
	if (header->has_checksum &&
		crc32(0, (const Bytef *) packed, (uInt) header->packed_size) != header->checksum)
		fails(pages, "a page does not have the checksum that its header says");
}

static void
make_room(PageReader *pages, size_t size)
{
	if (size <= pages->size)
		return;
	free(pages->bytes);
	pages->bytes = allocate(size);
	pages->size = size;
}

/* The levels of the second version are never packed. */
const char *
pages_unpack(PageReader *pages, const PageHeader *header)
{
	size_t levels = (size_t) header->definition_length + (size_t) header->repetition_length;
	size_t packed_size = (size_t) header->packed_size;
	size_t size = (size_t) header->size;
	size_t length;
	const char *packed = look_at(pages, pages->offset - header->packed_size, packed_size, &length);

	if (length < packed_size)
		fails(pages, "a page is cut");
	check_bytes(pages, header, packed);
	if (codec_is_none(pages->codec) || header->is_as_it_is)
	{
		if (packed_size < size)
			fails(pages, "a page has fewer bytes than it says");
		return packed;
	}
	make_room(pages, size + 1);
	memcpy(pages->bytes, packed, levels);
	if (size > levels && !codec_unpack(pages->codec, packed + levels, packed_size - levels,
									   pages->bytes + levels, size - levels))
		fails(pages, "a page cannot be unpacked");
	return pages->bytes;
}
