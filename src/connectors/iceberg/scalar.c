#include "connectors/iceberg/scalar.h"

#include <string.h>

#include "connectors/common/value_text.h"
#include "connectors/lake/conversion.h"
#include "connectors/parquet/text.h"

#define UUID_BYTES         16
#define MOST_DECIMAL_BYTES 16

void
iceberg_scalar_take(IcebergScalar *scalar, AvroFile *avro, const AvroType *type)
{
	AvroBytes bytes;

	*scalar = (IcebergScalar){.integer = 0};
	switch (type->kind)
	{
		case AVRO_BOOLEAN:
			scalar->integer = avro_take_boolean(avro);
			break;
		case AVRO_INT:
		case AVRO_LONG:
			scalar->integer = avro_take_integer(avro, type);
			break;
		case AVRO_FLOAT:
		case AVRO_DOUBLE:
			scalar->number = avro_take_number(avro, type);
			break;
		case AVRO_BYTES:
		case AVRO_STRING:
		case AVRO_FIXED:
			bytes = avro_take_bytes(avro, type);
			scalar->bytes = bytes.bytes;
			scalar->length = bytes.length;
			break;
		default:
			avro_broken("the value of a partition is of a type that partitions do not have");
	}
}

/* ---- the binary form ---- */

static uint64_t
read_bits(const char *bytes, size_t length)
{
	uint64_t bits = 0;

	for (size_t i = length; i > 0; i--)
		bits = bits << 8 | (unsigned char) bytes[i - 1];
	return bits;
}

static bool
read_integer(IcebergScalar *scalar, const char *bytes, size_t length)
{
	uint64_t bits = read_bits(bytes, length <= sizeof(bits) ? length : 0);

	if (length != sizeof(int32_t) && length != sizeof(int64_t))
		return false;
	scalar->integer = length == sizeof(int32_t) ? (int64_t) (int32_t) (uint32_t) bits : (int64_t) bits;
	return true;
}

static bool
read_number(IcebergScalar *scalar, const char *bytes, size_t length)
{
	uint64_t bits = read_bits(bytes, length <= sizeof(bits) ? length : 0);
	uint32_t few = (uint32_t) bits;
	float real;

	if (length != sizeof(real) && length != sizeof(scalar->number))
		return false;
	memcpy(&real, &few, sizeof(real));
	memcpy(&scalar->number, &bits, sizeof(bits));
	if (length == sizeof(real))
		scalar->number = (double) real;
	return true;
}

bool
iceberg_scalar_read(IcebergScalar *scalar, IcebergKind kind, const char *bytes, size_t length)
{
	*scalar = (IcebergScalar){.bytes = bytes, .length = length};
	switch (kind)
	{
		case ICEBERG_BOOLEAN:
			scalar->integer = length == 1 && bytes[0] != 0;
			return length == 1;
		case ICEBERG_INT:
		case ICEBERG_LONG:
		case ICEBERG_DATE:
			return read_integer(scalar, bytes, length);
		case ICEBERG_TIME:
		case ICEBERG_TIMESTAMP:
		case ICEBERG_TIMESTAMPTZ:
		case ICEBERG_TIMESTAMP_NS:
		case ICEBERG_TIMESTAMPTZ_NS:
			return length == sizeof(int64_t) && read_integer(scalar, bytes, length);
		case ICEBERG_FLOAT:
		case ICEBERG_DOUBLE:
			return read_number(scalar, bytes, length);
		default:
			return true;
	}
}

/* ---- as text ---- */

/* From the highest byte on, with a sign. */
static bool
write_decimal(WireBuffer *out, int scale, const IcebergScalar *scalar)
{
	__int128 unscaled = scalar->length > 0 && (scalar->bytes[0] & 0x80) ? -1 : 0;

	if (scalar->length == 0 || scalar->length > MOST_DECIMAL_BYTES)
		return false;
	for (size_t i = 0; i < scalar->length; i++)
		unscaled = (__int128) ((unsigned __int128) unscaled << 8 | (unsigned char) scalar->bytes[i]);
	value_text_decimal(out, unscaled, scale);
	return true;
}

static bool
write_uuid(WireBuffer *out, const IcebergScalar *scalar)
{
	WireBuffer bytes = {.data = NULL};

	if (scalar->length != UUID_BYTES)
		return false;
	value_text_bytes(&bytes, scalar->bytes, scalar->length);
	if (!bytes.failed)
		convert(out, &(Conversion){.kind = CONVERT_BYTES_TO_UUID}, bytes.data, bytes.length);
	wire_free(&bytes);
	return true;
}

/* PostgreSQL's times have microseconds. Files are read the same way: what is finer is cut off. */
static int64_t
microseconds(int64_t nanoseconds)
{
	return nanoseconds / 1000 - (nanoseconds % 1000 < 0);
}

bool
iceberg_scalar_write(WireBuffer *out, const char *type, const IcebergScalar *scalar)
{
	IcebergKind kind = iceberg_kind(type);

	switch (kind)
	{
		case ICEBERG_BOOLEAN:
			wire_append_text(out, scalar->integer ? "true" : "false");
			return true;
		case ICEBERG_INT:
		case ICEBERG_LONG:
			wire_append_integer(out, scalar->integer);
			return true;
		case ICEBERG_FLOAT:
			value_text_real(out, (float) scalar->number);
			return true;
		case ICEBERG_DOUBLE:
			value_text_double(out, scalar->number);
			return true;
		case ICEBERG_DECIMAL:
			return write_decimal(out, iceberg_scale(type), scalar);
		case ICEBERG_DATE:
			value_text_date(out, scalar->integer);
			return true;
		case ICEBERG_TIME:
			value_text_time(out, scalar->integer);
			return true;
		case ICEBERG_TIMESTAMP:
		case ICEBERG_TIMESTAMPTZ:
			value_text_timestamp(out, scalar->integer, kind == ICEBERG_TIMESTAMPTZ);
			return true;
		case ICEBERG_TIMESTAMP_NS:
		case ICEBERG_TIMESTAMPTZ_NS:
			value_text_timestamp(out, microseconds(scalar->integer), kind == ICEBERG_TIMESTAMPTZ_NS);
			return true;
		case ICEBERG_UUID:
			return write_uuid(out, scalar);
		case ICEBERG_FIXED:
		case ICEBERG_BINARY:
			value_text_bytes(out, scalar->bytes, scalar->length);
			return true;
		case ICEBERG_STRING:
			text_append(out, scalar->bytes, scalar->length);
			return true;
		default:
			return false;
	}
}
