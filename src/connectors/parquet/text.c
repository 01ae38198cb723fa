#include "connectors/parquet/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/rows.h"
#include "connectors/common/value_text.h"

#define MICROSECONDS_A_DAY INT64_C(86400000000)
#define JULIAN_DAY_OF_1970 2440588

void
text_append(WireBuffer *out, const char *bytes, size_t length)
{
	size_t from = 0;

	if (length == 0)
		return;
	for (size_t at = 0; at < length;)
	{
		size_t character = bytes[at] == '\0' ? 0 : wire_utf8_length(bytes + at, length - at);

		if (character > 0)
		{
			at += character;
			continue;
		}
		wire_append(out, bytes + from, at - from);
		wire_append_text(out, ROWS_REPLACEMENT);
		from = ++at;
	}
	wire_append(out, bytes + from, length - from);
}

/* ---- bytes ---- */

static void
write_binary(WireBuffer *out, const ParquetValue *value)
{
	value_text_bytes(out, value->bytes, value->length);
}

static void
write_uuid(WireBuffer *out, const ParquetValue *value)
{
	static const char digits[] = "0123456789abcdef";
	char text[36];
	int at = 0;

	for (int i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[at++] = '-';
		text[at++] = digits[(unsigned char) value->bytes[i] >> 4];
		text[at++] = digits[(unsigned char) value->bytes[i] & 0x0F];
	}
	wire_append(out, text, sizeof(text));
}

/* ---- numbers ---- */

static void
write_unsigned(WireBuffer *out, uint64_t number)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%" PRIu64, number);

	wire_append(out, text, (size_t) length);
}

static void
write_signed(WireBuffer *out, int64_t number)
{
	char text[24];
	char *at = text + sizeof(text);
	uint64_t left = number < 0 ? 0 - (uint64_t) number : (uint64_t) number;

	do
		*--at = (char) ('0' + left % 10);
	while ((left /= 10) > 0);
	if (number < 0)
		*--at = '-';
	wire_append(out, at, (size_t) (text + sizeof(text) - at));
}

static double
half_to_double(unsigned bits)
{
	int exponent = bits >> 10 & 0x1F;
	int fraction = bits & 0x3FF;
	double number = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);

	if (exponent == 31)
		number = fraction ? NAN : INFINITY;
	return bits & 0x8000 ? -number : number;
}

static void
write_floating(WireBuffer *out, ValueKind kind, const ParquetValue *value)
{
	uint32_t bits = (uint32_t) value->number;
	double number;
	float single;

	if (kind == KIND_DOUBLE)
	{
		memcpy(&number, &value->number, sizeof(number));
		value_text_double(out, number);
		return;
	}
	memcpy(&single, &bits, sizeof(single));
	if (kind == KIND_FLOAT16)
		single = (float) half_to_double((unsigned char) value->bytes[0] |
										(unsigned) (unsigned char) value->bytes[1] << 8);
	value_text_real(out, single);
}

/* ---- decimals ---- */

/* Digits without a sign, with a point before the last `scale` of them. */
static void
write_scaled(WireBuffer *out, const char *digits, size_t length, int scale, bool is_negative)
{
	size_t before = length > (size_t) scale ? length - (size_t) scale : 0;

	if (is_negative)
		wire_append(out, "-", 1);
	if (before == 0)
		wire_append(out, "0", 1);
	wire_append(out, digits, before);
	if (scale == 0)
		return;
	wire_append(out, ".", 1);
	for (size_t i = length; i < (size_t) scale; i++)
		wire_append(out, "0", 1);
	wire_append(out, digits + before, length - before);
}

#define MOST_DECIMAL_BYTES 512

/* Divides a number of bytes, the most significant one first, by ten. Returns the rest. */
static int
divide(unsigned char *bytes, size_t length)
{
	int rest = 0;

	for (size_t i = 0; i < length; i++)
	{
		int part = rest << 8 | bytes[i];

		bytes[i] = (unsigned char) (part / 10);
		rest = part % 10;
	}
	return rest;
}

/* A number in two's complement, the most significant byte first. */
static void
write_large(WireBuffer *out, const ParquetValue *value, int scale)
{
	unsigned char bytes[MOST_DECIMAL_BYTES];
	char digits[MOST_DECIMAL_BYTES * 5 / 2];
	size_t at = sizeof(digits);
	size_t from = 0;
	bool is_negative = value->length > 0 && (value->bytes[0] & 0x80);
	int carry = is_negative;

	for (size_t i = value->length; i-- > 0;)
	{
		int byte = (unsigned char) value->bytes[i];

		byte = is_negative ? (byte ^ 0xFF) + carry : byte;
		bytes[i] = (unsigned char) byte;
		carry = byte >> 8;
	}
	while (from < value->length)
		if (bytes[from] == 0)
			from++;
		else
			digits[--at] = (char) ('0' + divide(bytes + from, value->length - from));
	if (at == sizeof(digits))
		digits[--at] = '0';
	write_scaled(out, digits + at, sizeof(digits) - at, scale, is_negative);
}

static void
write_small(WireBuffer *out, int64_t number, int scale)
{
	uint64_t rest = number < 0 ? 0 - (uint64_t) number : (uint64_t) number;
	char digits[24];
	char *at = digits + sizeof(digits);

	do
		*--at = (char) ('0' + rest % 10);
	while ((rest /= 10) > 0);
	write_scaled(out, at, (size_t) (digits + sizeof(digits) - at), scale, number < 0);
}

static void
write_decimal(WireBuffer *out, const SchemaElement *element, const ParquetValue *value)
{
	int64_t number = (int64_t) value->number;

	if (element->physical == PHYSICAL_INT32 || element->physical == PHYSICAL_INT64)
		write_small(out, number, element->scale);
	else if (value->length <= MOST_DECIMAL_BYTES)
		write_large(out, value, element->scale);
	else
		write_binary(out, value);
}

/* ---- dates and times ---- */

static int64_t
floor_divide(int64_t number, int64_t by)
{
	return number / by - (number % by < 0);
}

/* Nanoseconds are cut. A time that PostgreSQL cannot have stays the number that it is. */
static void
write_timestamp(WireBuffer *out, const SchemaElement *element, int64_t number)
{
	int64_t microseconds = element->unit == UNIT_NANOSECOND ? floor_divide(number, 1000) : number;

	if (element->unit == UNIT_MILLISECOND && __builtin_mul_overflow(number, 1000, &microseconds))
		write_signed(out, number);
	else
		value_text_timestamp(out, microseconds, element->is_utc);
}

/* Nanoseconds of the day, then the day of the Julian calendar. */
static void
write_int96(WireBuffer *out, const ParquetValue *value)
{
	int64_t nanoseconds;
	int64_t microseconds;
	int32_t day;

	memcpy(&nanoseconds, value->bytes, sizeof(nanoseconds));
	memcpy(&day, value->bytes + 8, sizeof(day));
	if (__builtin_mul_overflow((int64_t) day - JULIAN_DAY_OF_1970, MICROSECONDS_A_DAY, &microseconds) ||
		__builtin_add_overflow(microseconds, floor_divide(nanoseconds, 1000), &microseconds))
		write_signed(out, day);
	else
		value_text_timestamp(out, microseconds, false);
}

static void
write_time(WireBuffer *out, const SchemaElement *element, int64_t number)
{
	int64_t microseconds = element->unit == UNIT_MILLISECOND  ? number * 1000
						   : element->unit == UNIT_NANOSECOND ? floor_divide(number, 1000)
															  : number;

	if (number >= 0 && number <= MICROSECONDS_A_DAY * 1000 && microseconds <= MICROSECONDS_A_DAY)
		value_text_time(out, microseconds);
	else
		write_signed(out, number);
}

/* Months, days and milliseconds. */
static void
write_interval(WireBuffer *out, const ParquetValue *value)
{
	uint32_t parts[3];
	char text[96];

	memcpy(parts, value->bytes, sizeof(parts));
	snprintf(text, sizeof(text), "%u mons %u days %02u:%02u:%02u.%03u", parts[0], parts[1],
			 parts[2] / 3600000, parts[2] / 60000 % 60, parts[2] / 1000 % 60, parts[2] % 1000);
	wire_append_text(out, text);
}

/* ---- all ---- */

void
text_write(WireBuffer *out, const SchemaElement *element, const ParquetValue *value)
{
	ValueKind kind = type_kind(element);

	switch (kind)
	{
		case KIND_BOOLEAN:
			wire_append_text(out, value->number ? "true" : "false");
			break;
		case KIND_SIGNED:
			write_signed(out, (int64_t) value->number);
			break;
		case KIND_UNSIGNED:
			write_unsigned(out,
						   element->physical == PHYSICAL_INT32 ? (uint32_t) value->number : value->number);
			break;
		case KIND_FLOAT:
		case KIND_DOUBLE:
		case KIND_FLOAT16:
			write_floating(out, kind, value);
			break;
		case KIND_INT96:
			write_int96(out, value);
			break;
		case KIND_DECIMAL:
			write_decimal(out, element, value);
			break;
		case KIND_DATE:
			value_text_date(out, (int64_t) value->number);
			break;
		case KIND_TIME:
			write_time(out, element, (int64_t) value->number);
			break;
		case KIND_TIMESTAMP:
			write_timestamp(out, element, (int64_t) value->number);
			break;
		case KIND_INTERVAL:
			write_interval(out, value);
			break;
		case KIND_UUID:
			write_uuid(out, value);
			break;
		case KIND_TEXT:
			text_append(out, value->bytes, value->length);
			break;
		case KIND_BINARY:
			write_binary(out, value);
	}
}

static bool
is_number(ValueKind kind)
{
	return kind == KIND_SIGNED || kind == KIND_UNSIGNED || kind == KIND_DECIMAL || kind == KIND_FLOAT ||
		   kind == KIND_DOUBLE || kind == KIND_FLOAT16;
}

/* Is it written by digits? */
static bool
is_finite(const WireBuffer *text)
{
	return text->length > 0 && text->data[text->length - 1] >= '0' && text->data[text->length - 1] <= '9' &&
		   text->data[0] != '\\';
}

/* What JSON has no number for is a text there. */
void
text_write_json(WireBuffer *out, const SchemaElement *element, const ParquetValue *value)
{
	ValueKind kind = type_kind(element);
	WireBuffer text = {.data = NULL};

	if (kind == KIND_BOOLEAN)
	{
		text_write(out, element, value);
		return;
	}
	text_write(&text, element, value);
	if (is_number(kind) && is_finite(&text))
		wire_append(out, text.data, text.length);
	else
		wire_append_string(out, text.length > 0 ? text.data : "", text.length);
	wire_free(&text);
}
