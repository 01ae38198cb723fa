#include "connectors/parquet/thrift.h"

#define MOST_DEPTH 64

enum
{
	TYPE_STOP,
	TYPE_TRUE,
	TYPE_FALSE,
	TYPE_BYTE,
	TYPE_I16,
	TYPE_I32,
	TYPE_I64,
	TYPE_DOUBLE,
	TYPE_BINARY,
	TYPE_LIST,
	TYPE_SET,
	TYPE_MAP,
	TYPE_STRUCT,
	TYPE_UUID
};

static void
fails(Thrift *in, const char *fault)
{
	if (in->fault == NULL)
		in->fault = fault;
	in->next = in->end;
}

static void
is_cut(Thrift *in)
{
	if (in->fault == NULL)
		in->is_short = true;
	fails(in, "it ends too early");
}

void
thrift_begin(Thrift *in, const void *bytes, size_t length)
{
	*in = (Thrift){.next = bytes, .end = (const unsigned char *) bytes + length};
}

static int
read_byte(Thrift *in)
{
	if (in->next < in->end)
		return *in->next++;
	is_cut(in);
	return 0;
}

static uint64_t
read_varint(Thrift *in)
{
	uint64_t value = 0;

	for (int shift = 0; shift < 64; shift += 7)
	{
		int byte = read_byte(in);

		value |= (uint64_t) (byte & 0x7F) << shift;
		if ((byte & 0x80) == 0)
			return value;
	}
	fails(in, "a number is too long");
	return 0;
}

static int64_t
read_zigzag(Thrift *in)
{
	uint64_t value = read_varint(in);

	return (int64_t) (value >> 1) ^ -(int64_t) (value & 1);
}

bool
thrift_next(Thrift *in, ThriftField *field)
{
	int byte = read_byte(in);

	if (in->fault || byte == TYPE_STOP)
		return false;
	field->type = byte & 0x0F;
	if (byte >> 4)
		field->id += byte >> 4;
	else
	{
		int64_t id = read_zigzag(in);

		if (id < 0 || id > INT16_MAX)
			fails(in, "a field has a number that cannot be");
		field->id = (int) id;
	}
	if (field->id > INT16_MAX || field->type == TYPE_STOP || field->type > TYPE_UUID)
		fails(in, "a field is none of the protocol");
	return in->fault == NULL;
}

bool
thrift_enter(Thrift *in)
{
	if (++in->depth > MOST_DEPTH)
		fails(in, "structures are nested too deep");
	return in->fault == NULL;
}

void
thrift_leave(Thrift *in)
{
	in->depth--;
}

static bool
has_type(Thrift *in, const ThriftField *field, int type)
{
	if (field->type != type)
		fails(in, "a field has another type than it should");
	return in->fault == NULL;
}

int64_t
thrift_i64(Thrift *in, const ThriftField *field)
{
	return has_type(in, field, TYPE_I64) ? read_zigzag(in) : 0;
}

int32_t
thrift_i32(Thrift *in, const ThriftField *field)
{
	int64_t value;

	if (field->type == TYPE_BYTE)
		return (signed char) read_byte(in);
	value = field->type == TYPE_I16 || has_type(in, field, TYPE_I32) ? read_zigzag(in) : 0;
	if (value >= INT32_MIN && value <= INT32_MAX)
		return (int32_t) value;
	fails(in, "a number is too large");
	return 0;
}

bool
thrift_boolean(Thrift *in, const ThriftField *field)
{
	return field->type != TYPE_FALSE && has_type(in, field, TYPE_TRUE);
}

ThriftBytes
thrift_bytes(Thrift *in, const ThriftField *field)
{
	ThriftBytes bytes = {.start = NULL};
	uint64_t length;

	if (!has_type(in, field, TYPE_BINARY))
		return bytes;
	length = read_varint(in);
	if (length > (uint64_t) (in->end - in->next))
		is_cut(in);
	if (in->fault)
		return bytes;
	bytes = (ThriftBytes){.start = (const char *) in->next, .length = (size_t) length};
	in->next += length;
	return bytes;
}

static int64_t
read_list(Thrift *in, int least, ThriftField *element)
{
	int byte = read_byte(in);
	uint64_t count = (unsigned) byte >> 4;

	if (count == 15)
		count = read_varint(in);
	*element = (ThriftField){.type = byte & 0x0F};
	if (count > (uint64_t) (in->end - in->next) / (uint64_t) least)
		is_cut(in);
	return in->fault ? 0 : (int64_t) count;
}

int64_t
thrift_list(Thrift *in, const ThriftField *field, int least, ThriftField *element)
{
	*element = (ThriftField){.type = TYPE_STRUCT};
	return has_type(in, field, TYPE_LIST) ? read_list(in, least, element) : 0;
}

bool
thrift_structure(Thrift *in, const ThriftField *field)
{
	return has_type(in, field, TYPE_STRUCT) && thrift_enter(in);
}

static void
pass(Thrift *in, size_t length)
{
	if (length > (size_t) (in->end - in->next))
		is_cut(in);
	else
		in->next += length;
}

static void skip_value(Thrift *in, int type, bool is_element);

static void
skip_map(Thrift *in)
{
	uint64_t count = read_varint(in);
	int types = count > 0 ? read_byte(in) : 0;

	if (count > (uint64_t) (in->end - in->next))
		is_cut(in);
	for (uint64_t i = 0; i < count && in->fault == NULL; i++)
	{
		skip_value(in, types >> 4, true);
		skip_value(in, types & 0x0F, true);
	}
}

static void
skip_elements(Thrift *in)
{
	ThriftField element;
	int64_t count = read_list(in, 1, &element);

	for (int64_t i = 0; i < count && in->fault == NULL; i++)
		skip_value(in, element.type, true);
}

static void
skip_structure(Thrift *in)
{
	ThriftField field = {.id = 0};

	while (thrift_next(in, &field))
		skip_value(in, field.type, false);
}

/* What may hold others. */
static void
skip_container(Thrift *in, int type)
{
	if (!thrift_enter(in))
		return;
	if (type == TYPE_STRUCT)
		skip_structure(in);
	else if (type == TYPE_MAP)
		skip_map(in);
	else
		skip_elements(in);
	thrift_leave(in);
}

/* A boolean has a byte of its own in a list only. */
static void
skip_value(Thrift *in, int type, bool is_element)
{
	switch (type)
	{
		case TYPE_TRUE:
		case TYPE_FALSE:
			pass(in, is_element ? 1 : 0);
			break;
		case TYPE_BYTE:
			pass(in, 1);
			break;
		case TYPE_I16:
		case TYPE_I32:
		case TYPE_I64:
			read_varint(in);
			break;
		case TYPE_DOUBLE:
			pass(in, 8);
			break;
		case TYPE_BINARY:
			pass(in, (size_t) read_varint(in));
			break;
		case TYPE_UUID:
			pass(in, 16);
			break;
		case TYPE_LIST:
		case TYPE_SET:
		case TYPE_MAP:
		case TYPE_STRUCT:
			skip_container(in, type);
			break;
		default:
			fails(in, "a value has a type that is none of the protocol");
	}
}

void
thrift_skip(Thrift *in, const ThriftField *field)
{
	skip_value(in, field->type, false);
}
