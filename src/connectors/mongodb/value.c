/*
 * value.c — values as texts. In JSON they are those of a column of their own type: an objectId its digits, a
 * date its text in ISO form, and not the objects by which MongoDB's extended JSON marks them.
 */
#include "connectors/mongodb/value.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/rows.h"
#include "connectors/common/value_text.h"
#include "connectors/mongodb/types.h"

/* MongoDB's own limit is 100. */
#define MOST_NESTING 200

PathForm
value_form(const char *pg_type)
{
	size_t length = pg_type ? strlen(pg_type) : 0;

	if (length > 2 && strcmp(pg_type + length - 2, "[]") == 0)
		return PATH_FORM_ARRAY;
	return pg_type && (strcmp(pg_type, "jsonb") == 0 || strcmp(pg_type, "json") == 0) ? PATH_FORM_JSON
																					  : PATH_FORM_SCALAR;
}

/* Appends it as UTF-8 without NUL. */
static void
write_clean(WireBuffer *out, const char *text, size_t length)
{
	size_t plain = 0;

	for (size_t i = 0; i < length;)
	{
		size_t bytes = text[i] == '\0' ? 0 : wire_utf8_length(text + i, length - i);

		if (bytes == 0)
		{
			wire_append(out, text + plain, i - plain);
			wire_append_text(out, ROWS_REPLACEMENT);
			plain = i + 1;
		}
		i += bytes == 0 ? 1 : bytes;
	}
	wire_append(out, text + plain, length - plain);
}

/* ---- scalars ---- */

static void
write_regex(WireBuffer *out, const bson_iter_t *value)
{
	const char *options;
	const char *pattern = bson_iter_regex(value, &options);

	wire_append(out, "/", 1);
	write_clean(out, pattern, strlen(pattern));
	wire_append(out, "/", 1);
	write_clean(out, options, strlen(options));
}

static void
write_timestamp(WireBuffer *out, const bson_iter_t *value)
{
	char text[64];
	uint32_t seconds;
	uint32_t increment;

	bson_iter_timestamp(value, &seconds, &increment);
	snprintf(text, sizeof(text), "{\"t\":%" PRIu32 ",\"i\":%" PRIu32 "}", seconds, increment);
	wire_append_text(out, text);
}

static void
write_uuid(WireBuffer *out, const uint8_t *bytes)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			wire_append(out, "-", 1);
		wire_append(out, &digits[bytes[i] >> 4], 1);
		wire_append(out, &digits[bytes[i] & 15], 1);
	}
}

static void
write_bytes(WireBuffer *out, const bson_iter_t *value)
{
	bson_subtype_t subtype;
	const uint8_t *bytes;
	uint32_t length;

	bson_iter_binary(value, &subtype, &length, &bytes);
	if (mongo_is_uuid(value))
		write_uuid(out, bytes);
	else
		value_text_bytes(out, bytes, length);
}

static void
write_decimal(WireBuffer *out, const bson_iter_t *value)
{
	char text[BSON_DECIMAL128_STRING];
	bson_decimal128_t number;

	bson_iter_decimal128(value, &number);
	bson_decimal128_to_string(&number, text);
	wire_append_text(out, text);
}

/* A date counts milliseconds in 64 bits, many of which are no date of PostgreSQL. */
static void
write_date(WireBuffer *out, const bson_iter_t *value)
{
	int64_t milliseconds = bson_iter_date_time(value);

	if (milliseconds > INT64_MAX / 1000 || milliseconds < INT64_MIN / 1000)
	{
		wire_append_integer(out, milliseconds);
		document_literal(out, " ms");
	}
	else
		value_text_timestamp(out, milliseconds * 1000, true);
}

static void
write_pointer(WireBuffer *out, const bson_iter_t *value)
{
	const bson_oid_t *id;
	const char *collection;
	uint32_t length;
	char digits[25];

	bson_iter_dbpointer(value, &length, &collection, &id);
	bson_oid_to_string(id, digits);
	write_clean(out, collection, strlen(collection));
	wire_append(out, " ", 1);
	wire_append_text(out, digits);
}

static void
write_text(WireBuffer *out, const bson_iter_t *value)
{
	uint32_t length = 0;
	const char *text;

	if (BSON_ITER_HOLDS_SYMBOL(value))
		text = bson_iter_symbol(value, &length);
	else if (BSON_ITER_HOLDS_CODE(value))
		text = bson_iter_code(value, &length);
	else if (BSON_ITER_HOLDS_CODEWSCOPE(value))
	{
		const uint8_t *scope;
		uint32_t scope_length;

		text = bson_iter_codewscope(value, &length, &scope_length, &scope);
	}
	else
		text = bson_iter_utf8(value, &length);
	write_clean(out, text, length);
}

static void
write_object_id(WireBuffer *out, const bson_iter_t *value)
{
	char digits[25];

	bson_oid_to_string(bson_iter_oid(value), digits);
	wire_append_text(out, digits);
}

static void
write_scalar(WireBuffer *out, const bson_iter_t *value)
{
	switch (bson_iter_type(value))
	{
		case BSON_TYPE_DOUBLE:
			value_text_double(out, bson_iter_double(value));
			break;
		case BSON_TYPE_BINARY:
			write_bytes(out, value);
			break;
		case BSON_TYPE_OID:
			write_object_id(out, value);
			break;
		case BSON_TYPE_BOOL:
			wire_append_text(out, bson_iter_bool(value) ? "true" : "false");
			break;
		case BSON_TYPE_DATE_TIME:
			write_date(out, value);
			break;
		case BSON_TYPE_REGEX:
			write_regex(out, value);
			break;
		case BSON_TYPE_DBPOINTER:
			write_pointer(out, value);
			break;
		case BSON_TYPE_INT32:
		case BSON_TYPE_INT64:
			wire_append_integer(out, bson_iter_as_int64(value));
			break;
		case BSON_TYPE_TIMESTAMP:
			write_timestamp(out, value);
			break;
		case BSON_TYPE_DECIMAL128:
			write_decimal(out, value);
			break;
		case BSON_TYPE_MINKEY:
		case BSON_TYPE_MAXKEY:
		case BSON_TYPE_UNDEFINED:
			wire_append_text(out, mongo_types.items[mongo_type_of(value)].name);
			break;
		default:
			write_text(out, value);
	}
}

/* ---- JSON ---- */

static bool write_json(WireBuffer *out, const bson_iter_t *value, int depth);

static bool
write_members(WireBuffer *out, bson_iter_t *members, bool is_array, int depth)
{
	bool is_whole = true;

	wire_append(out, is_array ? "[" : "{", 1);
	for (bool is_first = true; is_whole && bson_iter_next(members); is_first = false)
	{
		if (!is_first)
			wire_append(out, ",", 1);
		if (!is_array)
		{
			document_string(out, bson_iter_key(members));
			wire_append(out, ":", 1);
		}
		is_whole = write_json(out, members, depth);
	}
	wire_append(out, is_array ? "]" : "}", 1);
	return is_whole && members->err_off == 0;
}

/* NaN and infinity are no numbers in JSON. */
static bool
is_number_of_json(const bson_iter_t *value)
{
	bson_decimal128_t number;

	if (BSON_ITER_HOLDS_DOUBLE(value))
		return isfinite(bson_iter_double(value));
	if (!BSON_ITER_HOLDS_DECIMAL128(value))
		return BSON_ITER_HOLDS_INT(value);
	bson_iter_decimal128(value, &number);
	return (number.high >> 58 & 0x1e) != 0x1e;
}

static void
write_json_scalar(WireBuffer *out, const bson_iter_t *value)
{
	WireBuffer text = {.data = NULL};

	if (is_number_of_json(value) || BSON_ITER_HOLDS_BOOL(value) || BSON_ITER_HOLDS_TIMESTAMP(value))
	{
		write_scalar(out, value);
		return;
	}
	write_scalar(&text, value);
	wire_append_string(out, text.data ? text.data : "", text.length);
	out->failed |= text.failed;
	wire_free(&text);
}

static bool
write_json(WireBuffer *out, const bson_iter_t *value, int depth)
{
	bool is_array = BSON_ITER_HOLDS_ARRAY(value);
	bson_iter_t members;

	if (is_array || BSON_ITER_HOLDS_DOCUMENT(value))
		return depth < MOST_NESTING && bson_iter_recurse(value, &members) &&
			   write_members(out, &members, is_array, depth + 1);
	if (BSON_ITER_HOLDS_NULL(value))
		document_literal(out, "null");
	else
		write_json_scalar(out, value);
	return true;
}

bool
value_write_document(WireBuffer *out, const bson_t *document)
{
	bson_iter_t members;

	return bson_iter_init(&members, document) && write_members(out, &members, false, 0);
}

/* ---- arrays ---- */

static bool
write_element(WireBuffer *out, const bson_iter_t *value, WireBuffer *text)
{
	bool is_container = BSON_ITER_HOLDS_ARRAY(value) || BSON_ITER_HOLDS_DOCUMENT(value);
	bool is_whole = true;

	if (BSON_ITER_HOLDS_NULL(value))
	{
		document_literal(out, "NULL");
		return true;
	}
	wire_reset(text);
	if (is_container)
		is_whole = write_json(text, value, 1);
	else
		write_scalar(text, value);
	value_text_element(out, text->data ? text->data : "", text->length);
	out->failed |= text->failed;
	return is_whole;
}

static bool
write_array(WireBuffer *out, const bson_iter_t *array)
{
	WireBuffer text = {.data = NULL};
	bool is_whole = true;
	bson_iter_t elements;

	if (!bson_iter_recurse(array, &elements))
		return false;
	wire_append(out, "{", 1);
	for (bool is_first = true; is_whole && bson_iter_next(&elements); is_first = false)
	{
		if (!is_first)
			wire_append(out, ",", 1);
		is_whole = write_element(out, &elements, &text);
	}
	wire_append(out, "}", 1);
	wire_free(&text);
	return is_whole && elements.err_off == 0;
}

bool
value_write(WireBuffer *out, const bson_iter_t *value, PathForm form, bool *is_broken)
{
	bool is_container = BSON_ITER_HOLDS_ARRAY(value) || BSON_ITER_HOLDS_DOCUMENT(value);

	if (BSON_ITER_HOLDS_NULL(value))
		return false;
	if (form == PATH_FORM_ARRAY && BSON_ITER_HOLDS_ARRAY(value))
		*is_broken |= !write_array(out, value);
	else if (form == PATH_FORM_JSON || is_container)
		*is_broken |= !write_json(out, value, 0);
	else
		write_scalar(out, value);
	return !*is_broken;
}
