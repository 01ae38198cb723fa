#include "connectors/orc/column.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/value_text.h"
#include "connectors/orc/dictionary.h"
#include "connectors/orc/fault.h"
#include "connectors/orc/local_time.h"
#include "connectors/orc/schema.h"

/* A longer value is not read. */
#define MOST_VALUE_BYTES (INT64_C(1) << 30)

enum
{
	ENCODING_DIRECT,
	ENCODING_DICTIONARY,
	ENCODING_DIRECT_SECOND,
	ENCODING_DICTIONARY_SECOND
};

struct OrcColumn
{
	const OrcStripeParts *stripe;
	int number; /* of its type */
	const OrcType *type;
	bool is_nested; /* its values are parts of JSON */
	bool has_present;
	OrcBooleans present;

	/* What of these there is depends on the type. */
	OrcStream data;
	OrcIntegers *integers; /* numbers; of texts, lists and maps their lengths */
	OrcIntegers *second;   /* of decimals the scales, of timestamps the nanoseconds */
	OrcBytes bytes;
	OrcBooleans booleans;
	OrcDictionary *dictionary;
	WireBuffer scratch;

	OrcColumn **children;
};

/* ---- the beginning ---- */

static OrcIntegers *
begin_integers(const OrcColumn *column, OrcPart part, bool is_signed)
{
	const OrcColumnParts *parts = &column->stripe->columns[column->number];
	OrcIntegers *integers = allocate(sizeof(OrcIntegers));

	integers->is_second = parts->encoding >= ENCODING_DIRECT_SECOND;
	integers->is_signed = is_signed;
	integers->count = 0;
	integers->used = 0;
	orc_stripe_stream(column->stripe, column->number, part, &integers->stream);
	return integers;
}

static void
begin_text(OrcColumn *column)
{
	const OrcColumnParts *parts = &column->stripe->columns[column->number];

	if (parts->encoding == ENCODING_DICTIONARY || parts->encoding == ENCODING_DICTIONARY_SECOND)
	{
		OrcIntegers *lengths = begin_integers(column, ORC_LENGTH, false);

		column->dictionary =
			orc_dictionary_read(column->stripe, column->number, lengths, parts->dictionary_size);
		orc_stream_end(&lengths->stream);
		free(lengths);
		column->integers = begin_integers(column, ORC_DATA, false);
		return;
	}
	orc_stripe_stream(column->stripe, column->number, ORC_DATA, &column->data);
	column->integers = begin_integers(column, ORC_LENGTH, false);
}

static void
begin_values(OrcColumn *column)
{
	switch (column->type->kind)
	{
		case ORC_BOOLEAN:
			orc_stripe_stream(column->stripe, column->number, ORC_DATA, &column->booleans.bytes.stream);
			break;
		case ORC_TINYINT:
		case ORC_UNION:
			orc_stripe_stream(column->stripe, column->number, ORC_DATA, &column->bytes.stream);
			break;
		case ORC_SMALLINT:
		case ORC_INT:
		case ORC_BIGINT:
		case ORC_DATE:
			column->integers = begin_integers(column, ORC_DATA, true);
			break;
		case ORC_FLOAT:
		case ORC_DOUBLE:
			orc_stripe_stream(column->stripe, column->number, ORC_DATA, &column->data);
			break;
		case ORC_STRING:
		case ORC_VARCHAR:
		case ORC_CHAR:
		case ORC_BINARY:
		case ORC_GEOMETRY:
		case ORC_GEOGRAPHY:
			begin_text(column);
			break;
		case ORC_DECIMAL:
			orc_stripe_stream(column->stripe, column->number, ORC_DATA, &column->data);
			column->second = begin_integers(column, ORC_SECONDARY, true);
			break;
		case ORC_TIMESTAMP:
		case ORC_TIMESTAMP_INSTANT:
			column->integers = begin_integers(column, ORC_DATA, true);
			column->second = begin_integers(column, ORC_SECONDARY, false);
			break;
		case ORC_LIST:
		case ORC_MAP:
			column->integers = begin_integers(column, ORC_LENGTH, false);
			break;
		default:
			break;
	}
}

static OrcColumn *
begin_column(const OrcStripeParts *stripe, int number, bool is_nested, int depth)
{
	const OrcType *type = &stripe->tail->types[number];
	OrcColumn *column = allocate(sizeof(OrcColumn));

	if (depth > MOST_ORC_DEPTH)
		orc_unsupported("The types of the ORC file are nested in more than 20 levels.", NULL);
	if (stripe->columns[number].encoding > ENCODING_DICTIONARY_SECOND)
		orc_unsupported("A column of the ORC file is encoded in a way that is not known.", NULL);
	memset(column, 0, sizeof(*column));
	column->stripe = stripe;
	column->number = number;
	column->type = type;
	column->is_nested = is_nested;
	column->has_present = stripe->columns[number].places[ORC_PRESENT].is_there;
	if (column->has_present)
		orc_stripe_stream(stripe, number, ORC_PRESENT, &column->present.bytes.stream);
	begin_values(column);
	column->children = allocate((size_t) (type->child_count + 1) * sizeof(OrcColumn *));
	for (int i = 0; i < type->child_count; i++)
		column->children[i] = begin_column(stripe, type->children[i], true, depth + 1);
	return column;
}

OrcColumn *
orc_column_begin(const OrcStripeParts *stripe, int type)
{
	return begin_column(stripe, type, false, 1);
}

/* ---- single values ---- */

/* JSON has no words for numbers such as NaN, and none for bytes and times. */
static void
append_text(const OrcColumn *column, WireBuffer *out, const char *text, size_t length)
{
	if (column->is_nested)
		wire_append_string(out, text, length);
	else
		wire_append(out, text, length);
}

static void
append_quoted_scratch(OrcColumn *column, WireBuffer *out)
{
	if (column->scratch.failed)
		give_up_out_of_memory();
	append_text(column, out, column->scratch.data, column->scratch.length);
}

static void
append_float(OrcColumn *column, WireBuffer *out)
{
	unsigned char bytes[8];
	bool is_single = column->type->kind == ORC_FLOAT;
	float single;
	double number;

	orc_stream_read(&column->data, bytes, is_single ? sizeof(single) : sizeof(number));
	wire_reset(&column->scratch);
	if (is_single)
	{
		memcpy(&single, bytes, sizeof(single));
		value_text_real(&column->scratch, single);
		number = (double) single;
	}
	else
	{
		memcpy(&number, bytes, sizeof(number));
		value_text_double(&column->scratch, number);
	}
	if (column->scratch.failed)
		give_up_out_of_memory();
	if (number - number == 0)
		wire_append(out, column->scratch.data, column->scratch.length);
	else
		append_quoted_scratch(column, out);
}

static size_t
value_length(const OrcColumn *column, int64_t length)
{
	if (length < 0 || length > MOST_VALUE_BYTES)
		orc_broken("A text has a length that cannot be.");
	if (length > column->stripe->file->size * 1024)
		orc_broken("A text is longer than the file can be.");
	return (size_t) length;
}

/* The bytes stay until the next value. */
static const char *
next_bytes(OrcColumn *column, size_t *length)
{
	int64_t number = orc_integer(column->integers);

	if (column->dictionary)
		return orc_dictionary_value(column->dictionary, number, length);
	*length = value_length(column, number);
	wire_reset(&column->scratch);
	for (size_t left = *length; left > 0;)
	{
		char piece[4096];
		size_t some = left < sizeof(piece) ? left : sizeof(piece);

		orc_stream_read(&column->data, piece, some);
		wire_append(&column->scratch, piece, some);
		left -= some;
	}
	if (column->scratch.failed)
		give_up_out_of_memory();
	return *length > 0 ? column->scratch.data : "";
}

static void
append_string(OrcColumn *column, WireBuffer *out)
{
	size_t length;
	const char *bytes = next_bytes(column, &length);

	append_text(column, out, bytes, length);
}

static void
append_bytes(OrcColumn *column, WireBuffer *out)
{
	WireBuffer text = {.data = NULL};
	size_t length;
	const char *bytes = next_bytes(column, &length);

	value_text_bytes(&text, bytes, length);
	if (text.failed)
		give_up_out_of_memory();
	append_text(column, out, text.data, text.length);
	wire_free(&text);
}

/* An integer of seven bits a byte, of which the lowest one is the sign. */
static __int128
next_unscaled(OrcColumn *column)
{
	unsigned __int128 value = 0;

	for (int shift = 0; shift < 128; shift += 7)
	{
		unsigned char byte = orc_stream_byte(&column->data);

		value |= (unsigned __int128) (byte & 0x7F) << shift;
		if ((byte & 0x80) == 0)
			return (__int128) ((value >> 1) ^ (~(value & 1) + 1));
	}
	orc_broken("A decimal is longer than 128 bits.");
}

static void
append_decimal(OrcColumn *column, WireBuffer *out)
{
	__int128 unscaled = next_unscaled(column);
	int64_t scale = orc_integer(column->second);

	if (scale < -1000 || scale > 1000)
		orc_broken("A decimal has a scale that cannot be.");
	value_text_decimal(out, unscaled, (int) scale);
}

/*
 * The lowest three bits say how many zeros, and one more, follow the digits. Arrow writes negative ones
 * before 1970.
 */
static int64_t
next_nanoseconds(OrcColumn *column)
{
	int64_t coded = orc_integer(column->second);
	int64_t value = (coded - (coded & 7)) / 8;

	if (value > 999999999 || value < -999999999)
		orc_broken("A timestamp has nanoseconds that cannot be.");
	if (coded & 7)
		for (int64_t i = 0; i <= (coded & 7); i++)
			value *= 10;
	if (value > 999999999 || value < -999999999)
		orc_broken("A timestamp has nanoseconds that cannot be.");
	return value;
}

/* Rounds down. */
static int64_t
microseconds_of(int64_t nanoseconds)
{
	return nanoseconds / 1000 - (nanoseconds % 1000 < 0);
}

/* Seconds before 1970 were rounded up by the writers, unless they are whole. */
static void
append_timestamp(OrcColumn *column, WireBuffer *out)
{
	bool is_instant = column->type->kind == ORC_TIMESTAMP_INSTANT;
	const char *zone = is_instant ? NULL : column->stripe->time_zone;
	int64_t seconds = orc_integer(column->integers);
	int64_t nanoseconds = next_nanoseconds(column);

	if (seconds > INT64_C(9000000000000) || seconds < -INT64_C(9000000000000))
		orc_broken("A timestamp is so far away that it cannot be.");
	seconds += local_time_base(zone);
	if (seconds < 0 && nanoseconds > 999999)
		seconds--;
	seconds += local_time_offset(zone, seconds);
	wire_reset(&column->scratch);
	value_text_timestamp(&column->scratch, seconds * 1000000 + microseconds_of(nanoseconds), is_instant);
	append_quoted_scratch(column, out);
}

static void
append_date(OrcColumn *column, WireBuffer *out)
{
	wire_reset(&column->scratch);
	value_text_date(&column->scratch, orc_integer(column->integers));
	append_quoted_scratch(column, out);
}

/* ---- values of others ---- */

/* Within another value, null is a word. */
static void
append_json(OrcColumn *column, WireBuffer *out)
{
	if (!orc_column_next(column, out))
		wire_append(out, "null", 4);
}

static void
append_struct(OrcColumn *column, WireBuffer *out)
{
	wire_append(out, "{", 1);
	for (int i = 0; i < column->type->child_count; i++)
	{
		if (i > 0)
			wire_append(out, ",", 1);
		wire_append_string(out, column->type->names[i], strlen(column->type->names[i]));
		wire_append(out, ":", 1);
		append_json(column->children[i], out);
	}
	wire_append(out, "}", 1);
}

static int64_t
next_count(OrcColumn *column)
{
	int64_t count = orc_integer(column->integers);

	if (count < 0)
		orc_broken("An array has a length that cannot be.");
	return count;
}

/* An array of values that take no bytes in the file could have any length. */
static void
check_size(const WireBuffer *out)
{
	if (out->failed)
		give_up_out_of_memory();
	if ((int64_t) out->length > MOST_VALUE_BYTES)
		orc_too_large("A value in the ORC file is longer than 1 GiB.");
}

static void
append_list(OrcColumn *column, WireBuffer *out)
{
	int64_t count = next_count(column);

	wire_append(out, "[", 1);
	for (int64_t i = 0; i < count; i++)
	{
		if (i > 0)
			wire_append(out, ",", 1);
		append_json(column->children[0], out);
		check_size(out);
	}
	wire_append(out, "]", 1);
}

/* A key is a text in JSON; a number or a truth value gets quotes. One that consists of others cannot be one.
 */
static void
append_key(OrcColumn *key, WireBuffer *out)
{
	size_t start = out->length;

	append_json(key, out);
	check_size(out);
	if (out->data[start] == '"')
		return;
	{
		char *bare = allocate(out->length - start + 1);
		size_t length = out->length - start;

		memcpy(bare, out->data + start, length);
		out->length = start;
		wire_append_string(out, bare, length);
		free(bare);
	}
}

static void
append_map(OrcColumn *column, WireBuffer *out)
{
	int64_t count = next_count(column);

	wire_append(out, "{", 1);
	for (int64_t i = 0; i < count; i++)
	{
		if (i > 0)
			wire_append(out, ",", 1);
		append_key(column->children[0], out);
		wire_append(out, ":", 1);
		append_json(column->children[1], out);
		check_size(out);
	}
	wire_append(out, "}", 1);
}

static void
append_alternative(OrcColumn *column, WireBuffer *out)
{
	int tag = orc_byte(&column->bytes);

	if (tag >= column->type->child_count)
		orc_broken("A union has a value of a type that it has not.");
	append_json(column->children[tag], out);
}

/* ---- any value ---- */

static void
append_value(OrcColumn *column, WireBuffer *out)
{
	static void (*const append[])(OrcColumn *, WireBuffer *) = {[ORC_FLOAT] = append_float,
																[ORC_DOUBLE] = append_float,
																[ORC_STRING] = append_string,
																[ORC_VARCHAR] = append_string,
																[ORC_CHAR] = append_string,
																[ORC_BINARY] = append_bytes,
																[ORC_GEOMETRY] = append_bytes,
																[ORC_GEOGRAPHY] = append_bytes,
																[ORC_DECIMAL] = append_decimal,
																[ORC_DATE] = append_date,
																[ORC_TIMESTAMP] = append_timestamp,
																[ORC_TIMESTAMP_INSTANT] = append_timestamp,
																[ORC_STRUCT] = append_struct,
																[ORC_LIST] = append_list,
																[ORC_MAP] = append_map,
																[ORC_UNION] = append_alternative,
																[ORC_KINDS] = NULL};

	switch (column->type->kind)
	{
		case ORC_BOOLEAN:
			wire_append_text(out, orc_boolean(&column->booleans) ? "true" : "false");
			break;
		case ORC_TINYINT:
			wire_append_integer(out, (signed char) orc_byte(&column->bytes));
			break;
		case ORC_SMALLINT:
		case ORC_INT:
		case ORC_BIGINT:
			wire_append_integer(out, orc_integer(column->integers));
			break;
		default:
			append[column->type->kind](column, out);
	}
}

bool
orc_column_next(OrcColumn *column, WireBuffer *out)
{
	if (column->has_present && !orc_boolean(&column->present))
		return false;
	append_value(column, out);
	return true;
}

/* ---- the end ---- */

static void
end_integers(OrcIntegers *integers)
{
	if (integers == NULL)
		return;
	orc_stream_end(&integers->stream);
	free(integers);
}

void
orc_column_end(OrcColumn *column)
{
	for (int i = 0; i < column->type->child_count; i++)
		orc_column_end(column->children[i]);
	free(column->children);
	orc_stream_end(&column->present.bytes.stream);
	orc_stream_end(&column->data);
	orc_stream_end(&column->bytes.stream);
	orc_stream_end(&column->booleans.bytes.stream);
	end_integers(column->integers);
	end_integers(column->second);
	orc_dictionary_free(column->dictionary);
	wire_free(&column->scratch);
	free(column);
}
