#include "connectors/parquet/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/rows.h"

#define NANOSECONDS_A_DAY INT64_C(86400000000000)
#define SECONDS_A_DAY     86400

void
text_append(WireBuffer *out, const char *bytes, size_t length)
{
	size_t from = 0;

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
write_hexadecimal(WireBuffer *out, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	char piece[512];
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
	{
		piece[count++] = digits[(unsigned char) bytes[i] >> 4];
		piece[count++] = digits[(unsigned char) bytes[i] & 0x0F];
		if (count == sizeof(piece))
		{
			wire_append(out, piece, count);
			count = 0;
		}
	}
	wire_append(out, piece, count);
}

static void
write_binary(WireBuffer *out, const ParquetValue *value)
{
	wire_append(out, "\\x", 2);
	write_hexadecimal(out, value->bytes, value->length);
}

static void
write_uuid(WireBuffer *out, const ParquetValue *value)
{
	static const int parts[] = {4, 2, 2, 2, 6};
	int at = 0;

	for (int i = 0; i < 5; i++)
	{
		if (i > 0)
			wire_append(out, "-", 1);
		write_hexadecimal(out, value->bytes + at, (size_t) parts[i]);
		at += parts[i];
	}
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

/* The shortest text that is the same number again. */
static void
write_real(WireBuffer *out, double number, int least_digits, int most_digits)
{
	char text[32];
	int digits = least_digits;

	if (isnan(number))
		wire_append_text(out, "NaN");
	else if (isinf(number))
		wire_append_text(out, number > 0 ? "Infinity" : "-Infinity");
	else
	{
		do
			snprintf(text, sizeof(text), "%.*g", digits, number);
		while (++digits <= most_digits &&
			   (most_digits == 9 ? strtof(text, NULL) != (float) number : strtod(text, NULL) != number));
		wire_append_text(out, text);
	}
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
		write_real(out, number, 15, 17);
		return;
	}
	memcpy(&single, &bits, sizeof(single));
	number = single;
	if (kind == KIND_FLOAT16)
		number =
			half_to_double((unsigned char) value->bytes[0] | (unsigned) (unsigned char) value->bytes[1] << 8);
	write_real(out, number, 6, 9);
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
write_decimal(WireBuffer *out, const SchemaElement *element, const ParquetValue *value)
{
	int64_t number = (int64_t) value->number;
	char digits[24];

	if (element->physical == PHYSICAL_INT32 || element->physical == PHYSICAL_INT64)
	{
		int length = snprintf(digits, sizeof(digits), "%" PRIu64,
							  number < 0 ? 0 - (uint64_t) number : (uint64_t) number);

		write_scaled(out, digits, (size_t) length, element->scale, number < 0);
	}
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

/* Days since 1970 as a date of the proleptic calendar. Returns whether it is before the year 1. */
static bool
write_date(WireBuffer *out, int64_t days)
{
	int64_t shifted = days + 719468;
	int64_t era = floor_divide(shifted, 146097);
	int64_t of_era = shifted - era * 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t part = (5 * of_year + 2) / 153;
	int day = (int) (of_year - (153 * part + 2) / 5 + 1);
	int month = (int) (part < 10 ? part + 3 : part - 9);
	int64_t year = year_of_era + era * 400 + (month <= 2);
	char text[48];

	snprintf(text, sizeof(text), "%04" PRId64 "-%02d-%02d", year > 0 ? year : 1 - year, month, day);
	wire_append_text(out, text);
	return year <= 0;
}

static void
write_clock(WireBuffer *out, int64_t microseconds)
{
	char text[40];
	int64_t seconds = microseconds / 1000000;
	int fraction = (int) (microseconds % 1000000);
	int length = snprintf(text, sizeof(text), "%02d:%02d:%02d", (int) (seconds / 3600),
						  (int) (seconds / 60 % 60), (int) (seconds % 60));

	if (fraction > 0)
		snprintf(text + length, sizeof(text) - (size_t) length, ".%06d", fraction);
	wire_append_text(out, text);
}

/* PostgreSQL keeps microseconds: what is finer is rounded, as it would be there. */
static void
write_instant(WireBuffer *out, int64_t days, int64_t microseconds, bool is_utc)
{
	bool is_before;

	days += floor_divide(microseconds, SECONDS_A_DAY * INT64_C(1000000));
	microseconds -= floor_divide(microseconds, SECONDS_A_DAY * INT64_C(1000000)) * SECONDS_A_DAY * 1000000;
	is_before = write_date(out, days);
	wire_append(out, " ", 1);
	write_clock(out, microseconds);
	if (is_utc)
		wire_append(out, "+00", 3);
	if (is_before)
		wire_append(out, " BC", 3);
}

static int64_t
round_nanoseconds(int64_t nanoseconds)
{
	return floor_divide(nanoseconds, 1000) + (nanoseconds - floor_divide(nanoseconds, 1000) * 1000 >= 500);
}

static void
write_timestamp(WireBuffer *out, const SchemaElement *element, int64_t number)
{
	int64_t units = element->unit == UNIT_MILLISECOND   ? 1000
					: element->unit == UNIT_MICROSECOND ? 1000000
														: 1000000000;
	int64_t days = floor_divide(number, units * SECONDS_A_DAY);
	int64_t rest = number - days * (units * SECONDS_A_DAY);

	if (element->unit == UNIT_NANOSECOND)
		rest = round_nanoseconds(rest);
	else if (element->unit == UNIT_MILLISECOND)
		rest *= 1000;
	write_instant(out, days, rest, element->is_utc);
}

/* Nanoseconds of the day, then the day of the Julian calendar. */
static void
write_int96(WireBuffer *out, const ParquetValue *value)
{
	int64_t nanoseconds;
	int32_t day;

	memcpy(&nanoseconds, value->bytes, sizeof(nanoseconds));
	memcpy(&day, value->bytes + 8, sizeof(day));
	write_instant(out, (int64_t) day - 2440588, round_nanoseconds(nanoseconds), false);
}

static void
write_time(WireBuffer *out, const SchemaElement *element, int64_t number)
{
	int64_t microseconds = element->unit == UNIT_MILLISECOND  ? number * 1000
						   : element->unit == UNIT_NANOSECOND ? round_nanoseconds(number)
															  : number;

	if (number >= 0 && number <= NANOSECONDS_A_DAY && microseconds <= SECONDS_A_DAY * INT64_C(1000000))
		write_clock(out, microseconds);
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
			wire_append(out, value->number ? "t" : "f", 1);
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
			if (write_date(out, (int64_t) value->number))
				wire_append(out, " BC", 3);
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
		wire_append_text(out, value->number ? "true" : "false");
		return;
	}
	text_write(&text, element, value);
	if (is_number(kind) && is_finite(&text))
		wire_append(out, text.data, text.length);
	else
		wire_append_string(out, text.length > 0 ? text.data : "", text.length);
	wire_free(&text);
}
