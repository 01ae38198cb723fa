#include "connectors/avro/avro_values.h"

#include <string.h>

#include "connectors/avro/reading.h"

/* Types may hold themselves. */
#define MOST_VALUE_DEPTH 500

static int64_t
take_long(AvroFile *avro)
{
	int64_t number;

	if (!varint_take(&avro->at, avro->end, &number))
		avro_broken("an object ends within a number");
	return number;
}

static const char *
take_span(AvroFile *avro, int64_t length)
{
	const char *bytes = avro->at;

	if (length < 0 || length > avro->end - avro->at)
		avro_broken("a value is longer than its block");
	avro->at += length;
	return bytes;
}

bool
avro_take_boolean(AvroFile *avro)
{
	const char byte = *take_span(avro, 1);

	if (byte != 0 && byte != 1)
		avro_broken("a boolean is neither true nor false");
	return byte == 1;
}

int64_t
avro_take_integer(AvroFile *avro, const AvroType *type)
{
	int64_t number = take_long(avro);

	if (type->kind == AVRO_INT && (number < INT32_MIN || number > INT32_MAX))
		avro_broken("an int has more than 32 bits");
	if (type->kind == AVRO_ENUM && (number < 0 || number >= type->count))
		avro_broken("a value is none of its enum");
	return number;
}

double
avro_take_number(AvroFile *avro, const AvroType *type)
{
	const unsigned char *bytes;
	uint64_t bits = 0;
	uint32_t few;
	double number;
	float small;
	int size = type->kind == AVRO_FLOAT ? (int) sizeof(float) : (int) sizeof(double);

	bytes = (const unsigned char *) take_span(avro, size);
	for (int i = size - 1; i >= 0; i--)
		bits = bits << 8 | bytes[i];
	few = (uint32_t) bits;
	memcpy(&small, &few, sizeof(small));
	memcpy(&number, &bits, sizeof(number));
	return type->kind == AVRO_FLOAT ? (double) small : number;
}

AvroBytes
avro_take_bytes(AvroFile *avro, const AvroType *type)
{
	int64_t length = type->kind == AVRO_FIXED ? type->bytes : take_long(avro);
	const char *bytes = take_span(avro, length);

	return (AvroBytes){.bytes = bytes, .length = (size_t) length};
}

AvroBytes
avro_take_key(AvroFile *avro)
{
	static const AvroType text = {.kind = AVRO_STRING};

	return avro_take_bytes(avro, &text);
}

const AvroType *
avro_take_branch(AvroFile *avro, const AvroType *type)
{
	int64_t number;

	if (type->kind != AVRO_UNION)
		return type;
	number = take_long(avro);
	if (number < 0 || number >= type->count)
		avro_broken("a value is of no branch of its union");
	return type->fields[number].type;
}

/* A count below 0 is followed by the bytes of the piece. */
static void
begin_piece(AvroFile *avro, AvroItems *items)
{
	items->left = take_long(avro);
	if (items->left >= 0)
		return;
	if (items->left == INT64_MIN)
		avro_broken("an array has an impossible number of items");
	items->left = -items->left;
	take_long(avro);
}

bool
avro_next_item(AvroFile *avro, AvroItems *items)
{
	if (items->left == 0)
	{
		begin_piece(avro, items);
		if (items->left == 0)
			return false;
	}
	items->left--;
	check_progress(avro);
	return true;
}

/* ---- skipping ---- */

static void
skip_items(AvroFile *avro, const AvroType *type)
{
	AvroItems items = {0};

	while (avro_next_item(avro, &items))
	{
		if (type->kind == AVRO_MAP)
			avro_take_key(avro);
		avro_skip(avro, type->fields[0].type);
	}
}

static void
skip_held(AvroFile *avro, const AvroType *type)
{
	if (++avro->depth > MOST_VALUE_DEPTH)
		avro_broken("values are nested in more than 500 levels");
	if (type->kind == AVRO_RECORD)
		for (int i = 0; i < type->count; i++)
			avro_skip(avro, type->fields[i].type);
	else if (type->kind == AVRO_UNION)
		avro_skip(avro, avro_take_branch(avro, type));
	else
		skip_items(avro, type);
	avro->depth--;
}

void
avro_skip(AvroFile *avro, const AvroType *type)
{
	check_progress(avro);
	switch (type->kind)
	{
		case AVRO_NULL:
			break;
		case AVRO_BOOLEAN:
			avro_take_boolean(avro);
			break;
		case AVRO_INT:
		case AVRO_LONG:
		case AVRO_ENUM:
			avro_take_integer(avro, type);
			break;
		case AVRO_FLOAT:
		case AVRO_DOUBLE:
			avro_take_number(avro, type);
			break;
		case AVRO_BYTES:
		case AVRO_STRING:
		case AVRO_FIXED:
			avro_take_bytes(avro, type);
			break;
		default:
			skip_held(avro, type);
	}
}
