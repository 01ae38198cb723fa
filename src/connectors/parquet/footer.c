#include "connectors/parquet/footer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/parquet/element.h"

#define TAIL_BYTES        8
#define MOST_FOOTER_BYTES 67108864
#define MOST_ELEMENTS     1000000

/* Fewer bytes than an element of these lists can have: so the memory of a footer is in proportion to it. */
#define LEAST_GROUP_BYTES   6
#define LEAST_CHUNK_BYTES   16
#define LEAST_ELEMENT_BYTES 4

/* More rows would be hundreds of times what a writer keeps in its memory, and take hours to be counted. */
#define MOST_GROUP_ROWS INT32_MAX

void
give_up_damaged(const StoredFile *file, const char *what)
{
	char message[512];
	char detail[256];

	if (messages_name_part())
		snprintf(message, sizeof(message), "The Parquet file is damaged.");
	else
		snprintf(message, sizeof(message), "The Parquet file \"%.300s\" is damaged.", file->name);
	snprintf(detail, sizeof(detail), "%.200s.", what);
	give_up(&(Failure){.step = "query", .code = "protocol", .message = message, .detail = detail});
}

void
give_up_column(const StoredFile *file, const char *column, const char *code, const char *what)
{
	char message[512];
	char detail[512];

	snprintf(message, sizeof(message), "The column \"%.300s\" cannot be read.", column);
	if (messages_name_part())
		snprintf(detail, sizeof(detail), "%.200s.", what);
	else
		snprintf(detail, sizeof(detail), "File \"%.200s\": %.200s.", file->name, what);
	give_up(&(Failure){.step = "query", .code = code, .message = message, .detail = detail});
}

/* ---- the end of the file ---- */

FooterKind
footer_kind(const StoredFile *file)
{
	char tail[TAIL_BYTES];

	if (file->size < TAIL_BYTES + 4 ||
		stored_read(file, tail, sizeof(tail), file->size - TAIL_BYTES) != sizeof(tail))
		return FOOTER_NONE;
	if (memcmp(tail + 4, "PARE", 4) == 0)
		return FOOTER_ENCRYPTED;
	return memcmp(tail + 4, "PAR1", 4) == 0 ? FOOTER_PLAIN : FOOTER_NONE;
}

static uint32_t
footer_length(const StoredFile *file)
{
	unsigned char tail[TAIL_BYTES];
	uint32_t length;

	if (stored_read(file, tail, sizeof(tail), file->size - TAIL_BYTES) != sizeof(tail))
		give_up_damaged(file, "It ends too early");
	length = tail[0] | (uint32_t) tail[1] << 8 | (uint32_t) tail[2] << 16 | (uint32_t) tail[3] << 24;
	if (length > MOST_FOOTER_BYTES)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = "The footer of the Parquet file has more than 64 MiB."});
	if ((int64_t) length > file->size - TAIL_BYTES - 4)
		give_up_damaged(file, "Its footer is longer than the file");
	return length;
}

/* ---- columns of a group of rows ---- */

/* The older bounds `min` and `max` have an order that depends on the writer: they are not taken. */
static void
read_statistics(Thrift *in, const ThriftField *field, ColumnStatistics *statistics)
{
	ThriftField member = {.id = 0};

	if (!thrift_structure(in, field))
		return;
	while (thrift_next(in, &member))
		if (member.id == 5)
			statistics->greatest = thrift_bytes(in, &member);
		else if (member.id == 6)
			statistics->least = thrift_bytes(in, &member);
		else
			thrift_skip(in, &member);
	thrift_leave(in);
}

typedef struct PageOffsets
{
	int64_t data;
	int64_t dictionary;
} PageOffsets;

static void
read_column_field(Thrift *in, const ThriftField *field, ColumnChunk *chunk, PageOffsets *offsets)
{
	switch (field->id)
	{
		case 1:
			chunk->physical = (PhysicalType) thrift_i32(in, field);
			break;
		case 4:
			chunk->codec = thrift_i32(in, field);
			break;
		case 5:
			chunk->value_count = thrift_i64(in, field);
			break;
		case 7:
			chunk->size = thrift_i64(in, field);
			break;
		case 9:
			offsets->data = thrift_i64(in, field);
			break;
		case 11:
			offsets->dictionary = thrift_i64(in, field);
			break;
		case 12:
			read_statistics(in, field, &chunk->statistics);
			break;
		default:
			thrift_skip(in, field);
	}
}

/* An offset of a dictionary that is none is written as 0 by some. */
static void
read_column(Thrift *in, const ThriftField *field, ColumnChunk *chunk)
{
	ThriftField member = {.id = 0};
	PageOffsets offsets = {.data = -1, .dictionary = -1};

	if (!thrift_structure(in, field))
		return;
	while (thrift_next(in, &member))
		read_column_field(in, &member, chunk, &offsets);
	thrift_leave(in);
	chunk->offset =
		offsets.dictionary >= 4 && offsets.dictionary < offsets.data ? offsets.dictionary : offsets.data;
}

/* Of ColumnChunk: 1 another file, 3 the metadata, 8 and 9 its encryption. */
static void
read_chunk(Thrift *in, const ThriftField *element, ColumnChunk *chunk)
{
	ThriftField field = {.id = 0};
	bool has_metadata = false;

	*chunk = (ColumnChunk){.physical = PHYSICAL_NONE, .offset = -1};
	if (!thrift_structure(in, element))
		return;
	while (thrift_next(in, &field))
	{
		if (field.id == 1)
			chunk->refusal = "its values are in another file";
		if (field.id == 8 || field.id == 9)
			chunk->refusal = "it is encrypted";
		if (field.id == 3)
			read_column(in, &field, chunk);
		else
			thrift_skip(in, &field);
		has_metadata |= field.id == 3;
	}
	thrift_leave(in);
	if (!has_metadata && chunk->refusal == NULL)
		chunk->refusal = "the footer does not say where its values are";
}

/* ---- groups of rows ---- */

static void
read_chunks(Thrift *in, const ThriftField *field, RowGroup *group)
{
	ThriftField element;
	int64_t count = thrift_list(in, field, LEAST_CHUNK_BYTES, &element);

	free(group->chunks);
	group->chunks = allocate((size_t) (count + 1) * sizeof(ColumnChunk));
	group->chunk_count = (int) count;
	for (int64_t i = 0; i < count; i++)
		read_chunk(in, &element, &group->chunks[i]);
}

static void
read_group(Thrift *in, const ThriftField *element, RowGroup *group)
{
	ThriftField field = {.id = 0};

	*group = (RowGroup){.row_count = -1};
	if (!thrift_structure(in, element))
		return;
	while (thrift_next(in, &field))
		if (field.id == 1)
			read_chunks(in, &field, group);
		else if (field.id == 3)
			group->row_count = thrift_i64(in, &field);
		else
			thrift_skip(in, &field);
	thrift_leave(in);
}

static void
read_groups(Thrift *in, const ThriftField *field, Footer *footer)
{
	ThriftField element;
	int64_t count = thrift_list(in, field, LEAST_GROUP_BYTES, &element);

	footer->groups = reallocate(footer->groups, (size_t) (count + 1) * sizeof(RowGroup));
	footer->group_count = (int) count;
	for (int64_t i = 0; i < count; i++)
		read_group(in, &element, &footer->groups[i]);
}

/* ---- what is told of the file ---- */

static void
read_elements(Thrift *in, const ThriftField *field, Footer *footer)
{
	ThriftField element;
	int64_t count = thrift_list(in, field, LEAST_ELEMENT_BYTES, &element);

	if (count > MOST_ELEMENTS)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = "The schema of the Parquet file has more than 1,000,000 elements."});
	footer->elements = reallocate(footer->elements, (size_t) (count + 1) * sizeof(SchemaElement));
	for (int64_t i = 0; i < count; i++)
	{
		footer->elements[i] = (SchemaElement){.name = NULL};
		if (!thrift_structure(in, &element))
			break;
		element_read(in, &footer->elements[i]);
		thrift_leave(in);
	}
	footer->element_count = (int) count;
}

static void
read_pairs(Thrift *in, const ThriftField *field, Footer *footer)
{
	ThriftField element;
	int64_t count = thrift_list(in, field, 1, &element);

	for (int64_t i = 0; i < count; i++)
	{
		ThriftField member = {.id = 0};

		if (!thrift_structure(in, &element))
			return;
		while (thrift_next(in, &member))
			if (member.id == 1)
			{
				ThriftBytes key = thrift_bytes(in, &member);

				footer->is_of_iceberg |= key.length == strlen("iceberg.schema") &&
										 memcmp(key.start, "iceberg.schema", key.length) == 0;
			}
			else
				thrift_skip(in, &member);
		thrift_leave(in);
	}
}

/* Of each leaf: 1 is the order that its type defines. */
static void
read_orders(Thrift *in, const ThriftField *field, Footer *footer)
{
	ThriftField element;
	int64_t count = thrift_list(in, field, 1, &element);

	footer->orders = reallocate(footer->orders, (size_t) (count + 1) * sizeof(bool));
	footer->order_count = count;
	for (int64_t i = 0; i < count; i++)
	{
		ThriftField member = {.id = 0};

		footer->orders[i] = false;
		if (!thrift_structure(in, &element))
			return;
		while (thrift_next(in, &member))
		{
			footer->orders[i] = member.id == 1;
			thrift_skip(in, &member);
		}
		thrift_leave(in);
	}
}

static void
read_member(Thrift *in, const ThriftField *field, Footer *footer)
{
	switch (field->id)
	{
		case 2:
			read_elements(in, field, footer);
			break;
		case 3:
			footer->row_count = thrift_i64(in, field);
			break;
		case 4:
			read_groups(in, field, footer);
			break;
		case 5:
			read_pairs(in, field, footer);
			break;
		case 7:
			read_orders(in, field, footer);
			break;
		default:
			thrift_skip(in, field);
	}
}

/* Each column has at least one value in a row: null, if it has no other. */
static void
check_group(const Footer *footer, const RowGroup *group)
{
	if (group->row_count < 0 || group->row_count > MOST_GROUP_ROWS)
		give_up_damaged(footer->file, "A group has a number of rows that cannot be");
	for (int i = 0; i < group->chunk_count; i++)
		if (group->chunks[i].refusal == NULL && group->chunks[i].value_count < group->row_count)
			give_up_damaged(footer->file, "A group has more rows than one of its columns has values");
}

static void
check_rows(const Footer *footer)
{
	int64_t rows = 0;

	for (int i = 0; i < footer->group_count; i++)
	{
		check_group(footer, &footer->groups[i]);
		rows += footer->groups[i].row_count;
	}
	if (footer->row_count < 0)
		give_up_damaged(footer->file, "It has a number of rows that cannot be");
	if (footer->row_count != rows)
		give_up_damaged(footer->file, "Its number of rows is not that of its groups");
}

void
footer_read(Footer *footer, const StoredFile *file)
{
	uint32_t length = footer_length(file);
	Thrift in;
	ThriftField field = {.id = 0};

	*footer = (Footer){.file = file, .bytes = allocate((size_t) length + 1), .row_count = -1};
	if (stored_read(file, footer->bytes, length, file->size - TAIL_BYTES - (int64_t) length) != length)
		give_up_damaged(file, "It ends too early");
	thrift_begin(&in, footer->bytes, length);
	while (thrift_next(&in, &field))
		read_member(&in, &field, footer);
	if (in.fault)
	{
		char what[128];

		snprintf(what, sizeof(what), "Its footer is none: %s", in.fault);
		give_up_damaged(file, what);
	}
	check_rows(footer);
}

void
footer_free(Footer *footer)
{
	for (int i = 0; i < footer->element_count; i++)
		free(footer->elements[i].name);
	for (int i = 0; i < footer->group_count; i++)
		free(footer->groups[i].chunks);
	free(footer->elements);
	free(footer->groups);
	free(footer->orders);
	free(footer->bytes);
	*footer = (Footer){.file = NULL};
}
