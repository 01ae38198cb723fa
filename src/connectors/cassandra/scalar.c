#include "connectors/cassandra/scalar.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/value_text.h"

#define MILLISECONDS_OF_DAY INT64_C(86400000)

/* A longer number has more digits than a numeric of PostgreSQL, and takes too long to be written. */
#define LONGEST_NUMBER 54500

/* ---- texts ---- */

static void
append_text(WireBuffer *out, Bytes value)
{
	const char *text = (const char *) value.bytes;
	size_t plain = 0;

	for (size_t i = 0; i < value.length;)
	{
		size_t length = wire_utf8_length(text + i, value.length - i);

		if (length == 0)
		{
			wire_append(out, text + plain, i - plain);
			wire_append_text(out, "\xEF\xBF\xBD");
			plain = i + 1;
		}
		i += length == 0 ? 1 : length;
	}
	wire_append(out, text + plain, value.length - plain);
}

/* ---- numbers ---- */

static void
append_integer(WireBuffer *out, Bytes value)
{
	uint64_t number = (value.bytes[0] & 0x80) != 0 ? UINT64_MAX : 0;

	for (size_t i = 0; i < value.length; i++)
		number = number << 8 | value.bytes[i];
	wire_append_integer(out, (int64_t) number);
}

static void
append_float(WireBuffer *out, Bytes value)
{
	Body body = body_of(value.bytes, value.length);
	uint32_t bits = (uint32_t) body_int(&body);
	float number;

	memcpy(&number, &bits, sizeof(number));
	value_text_real(out, number);
}

static void
append_double(WireBuffer *out, Bytes value)
{
	Body body = body_of(value.bytes, value.length);
	int64_t bits = body_long(&body);
	double number;

	memcpy(&number, &bits, sizeof(number));
	value_text_double(out, number);
}

/* Digits of a number of any length, in two's complement, with its sign. The caller frees them by
 * OPENSSL_free(). */
static char *
digits_of(Bytes value)
{
	BIGNUM *number = BN_bin2bn(value.bytes, (int) value.length, NULL);
	BIGNUM *power = BN_new();
	char *digits = NULL;

	if (number == NULL || power == NULL)
		give_up_out_of_memory();
	if ((value.bytes[0] & 0x80) != 0 &&
		(BN_set_bit(power, (int) value.length * 8) != 1 || BN_sub(number, number, power) != 1))
		give_up_out_of_memory();
	digits = BN_bn2dec(number);
	if (digits == NULL)
		give_up_out_of_memory();
	BN_free(number);
	BN_free(power);
	return digits;
}

/* What PostgreSQL cannot hold is sent all the same: it will say where that stands. */
static void
append_beyond(WireBuffer *out, Bytes value)
{
	wire_append_text(out, (value.bytes[0] & 0x80) != 0 ? "-1e" : "1e");
	wire_append_integer(out, (int64_t) value.length * 3);
}

static void
append_varint(WireBuffer *out, Bytes value)
{
	char *digits;

	if (value.length > LONGEST_NUMBER)
	{
		append_beyond(out, value);
		return;
	}
	digits = digits_of(value);
	wire_append_text(out, digits);
	OPENSSL_free(digits);
}

/* More zeros than these are said by an exponent. */
#define MOST_ZEROS 40

static void
append_point(WireBuffer *out, const char *digits, int32_t scale)
{
	size_t length = strlen(digits);

	if (scale <= 0)
	{
		wire_append_text(out, digits);
		for (int32_t i = scale; i < 0 && strcmp(digits, "0") != 0; i++)
			wire_append(out, "0", 1);
		return;
	}
	if ((size_t) scale < length)
		wire_append(out, digits, length - (size_t) scale);
	else
		wire_append(out, "0", 1);
	wire_append(out, ".", 1);
	for (size_t i = length; i < (size_t) scale; i++)
		wire_append(out, "0", 1);
	if ((size_t) scale < length)
		digits += length - (size_t) scale;
	wire_append_text(out, digits);
}

static bool
append_decimal(WireBuffer *out, Bytes value)
{
	Body body = body_of(value.bytes, value.length);
	int32_t scale = body_int(&body);
	Bytes unscaled = body_take(&body, body_left(&body));
	char *digits;
	const char *positive;

	if (body.is_broken || unscaled.length == 0)
		return false;
	if (unscaled.length > LONGEST_NUMBER)
	{
		append_beyond(out, unscaled);
		return true;
	}
	digits = digits_of(unscaled);
	positive = digits + (*digits == '-');
	wire_append(out, "-", positive != digits);
	if (scale < -MOST_ZEROS || scale > (int64_t) strlen(positive) + MOST_ZEROS)
	{
		wire_append_text(out, positive);
		wire_append_text(out, "e");
		wire_append_integer(out, -(int64_t) scale);
	}
	else
		append_point(out, positive, scale);
	OPENSSL_free(digits);
	return true;
}

/* ---- time ---- */

/* Days since 1970-01-01, in the middle of the unsigned numbers. */
static void
append_date(WireBuffer *out, Bytes value)
{
	Body body = body_of(value.bytes, value.length);

	value_text_date(out, (int64_t) (uint32_t) body_int(&body) - INT64_C(0x80000000));
}

/* Nanoseconds since midnight. */
static bool
append_time(WireBuffer *out, Bytes value)
{
	Body body = body_of(value.bytes, value.length);
	int64_t nanoseconds = body_long(&body);

	if (nanoseconds < 0 || nanoseconds >= MILLISECONDS_OF_DAY * 1000000)
		return false;
	value_text_time(out, nanoseconds / 1000);
	return true;
}

/* Milliseconds since 1970-01-01. What is too far away for microseconds is too far away for PostgreSQL. */
static void
append_timestamp(WireBuffer *out, Bytes value)
{
	Body body = body_of(value.bytes, value.length);
	int64_t milliseconds = body_long(&body);

	if (milliseconds >= INT64_MIN / 1000 && milliseconds <= INT64_MAX / 1000)
		value_text_timestamp(out, milliseconds * 1000, true);
	else
		value_text_date(out, milliseconds / MILLISECONDS_OF_DAY);
}

static bool
append_duration(WireBuffer *out, Bytes value)
{
	Body body = body_of(value.bytes, value.length);
	int64_t months = body_vint(&body);
	int64_t days = body_vint(&body);
	int64_t microseconds = body_vint(&body) / 1000;
	int64_t seconds = microseconds / 1000000;
	char text[160];

	if (body.is_broken || body_left(&body) > 0)
		return false;
	snprintf(text, sizeof(text),
			 "%" PRId64 " mons %" PRId64 " days %s%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%06" PRId64,
			 months, days, microseconds < 0 ? "-" : "", imaxabs(seconds / 3600), imaxabs(seconds / 60 % 60),
			 imaxabs(seconds % 60), imaxabs(microseconds % 1000000));
	wire_append_text(out, text);
	return true;
}

/* ---- others ---- */

static void
append_uuid(WireBuffer *out, Bytes value)
{
	char text[40];
	int length = 0;

	for (size_t i = 0; i < 16; i++)
		length += snprintf(text + length, sizeof(text) - (size_t) length,
						   i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", value.bytes[i]);
	wire_append_text(out, text);
}

static void
append_inet(WireBuffer *out, Bytes value)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(value.length == 4 ? AF_INET : AF_INET6, value.bytes, text, sizeof(text));
	wire_append_text(out, text);
}

/* How many bytes the values have; 0: it varies. */
static size_t
length_of(CqlKind kind)
{
	switch (kind)
	{
		case CQL_BOOLEAN:
		case CQL_TINYINT:
			return 1;
		case CQL_SMALLINT:
			return 2;
		case CQL_INT:
		case CQL_FLOAT:
		case CQL_DATE:
			return 4;
		case CQL_BIGINT:
		case CQL_COUNTER:
		case CQL_DOUBLE:
		case CQL_TIME:
		case CQL_TIMESTAMP:
			return 8;
		case CQL_UUID:
		case CQL_TIMEUUID:
			return 16;
		default:
			return 0;
	}
}

static bool
append(WireBuffer *out, CqlKind kind, Bytes value)
{
	switch (kind)
	{
		case CQL_ASCII:
		case CQL_TEXT:
			append_text(out, value);
			return true;
		case CQL_BOOLEAN:
			wire_append_text(out, value.bytes[0] != 0 ? "true" : "false");
			return true;
		case CQL_TINYINT:
		case CQL_SMALLINT:
		case CQL_INT:
		case CQL_BIGINT:
		case CQL_COUNTER:
			append_integer(out, value);
			return true;
		case CQL_FLOAT:
			append_float(out, value);
			return true;
		case CQL_DOUBLE:
			append_double(out, value);
			return true;
		case CQL_VARINT:
			append_varint(out, value);
			return true;
		case CQL_DECIMAL:
			return append_decimal(out, value);
		case CQL_DATE:
			append_date(out, value);
			return true;
		case CQL_TIME:
			return append_time(out, value);
		case CQL_TIMESTAMP:
			append_timestamp(out, value);
			return true;
		case CQL_DURATION:
			return append_duration(out, value);
		case CQL_UUID:
		case CQL_TIMEUUID:
			append_uuid(out, value);
			return true;
		case CQL_INET:
			if (value.length != 4 && value.length != 16)
				return false;
			append_inet(out, value);
			return true;
		default:
			value_text_bytes(out, value.bytes, value.length);
			return true;
	}
}

ValueState
scalar_append(WireBuffer *out, CqlKind kind, Bytes value)
{
	bool may_be_empty = kind == CQL_ASCII || kind == CQL_TEXT || kind == CQL_BLOB || kind == CQL_OTHER;

	if (value.bytes == NULL || (value.length == 0 && !may_be_empty))
		return VALUE_NULL;
	if (length_of(kind) != 0 && value.length != length_of(kind))
		return VALUE_BROKEN;
	return append(out, kind, value) ? VALUE_FINE : VALUE_BROKEN;
}
