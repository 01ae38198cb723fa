#include "connectors/cassandra/value.h"

#include <string.h>

#include "connectors/cassandra/scalar.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/value_text.h"

/* ---- the parts of a value ---- */

/*
 * The parts of a collection, one after the other: behind their number, each behind its length. Those of a
 * tuple and of a user-defined type have no number before them, and those at the end may be missing: they are
 * null. Those of a vector have neither; a length stands only before those whose type has none, in another
 * form.
 */
typedef struct Parts
{
	const CqlType *type;
	Body body;
	int64_t left;
} Parts;

static Parts
parts_of(const CqlType *type, Bytes value)
{
	Parts parts = {.type = type, .body = body_of(value.bytes, value.length)};

	switch (type->kind)
	{
		case CQL_TUPLE:
		case CQL_USER:
			parts.left = type->count;
			break;
		case CQL_VECTOR:
			parts.left = type->dimensions;
			break;
		default:
			parts.left = body_int(&parts.body);
			parts.body.is_broken |= parts.left < 0;
	}
	return parts;
}

/* How many bytes every value of the type has in a vector; 0: each has its length before it. */
static size_t
length_in_vector(const CqlType *type)
{
	switch (type->kind)
	{
		case CQL_BOOLEAN:
			return 1;
		case CQL_FLOAT:
		case CQL_INT:
			return 4;
		case CQL_BIGINT:
		case CQL_DOUBLE:
		case CQL_TIMESTAMP:
			return 8;
		case CQL_UUID:
		case CQL_TIMEUUID:
			return 16;
		case CQL_VECTOR:
			return length_in_vector(type->parts[0]) * (size_t) type->dimensions;
		default:
			return 0;
	}
}

/* Returns false at the end, and where the bytes are broken. */
static bool
next_part(Parts *parts, Bytes *part)
{
	bool may_end = parts->type->kind == CQL_TUPLE || parts->type->kind == CQL_USER;
	size_t length;

	if (parts->left <= 0 || parts->body.is_broken)
		return false;
	parts->left--;
	*part = (Bytes){0};
	if (parts->type->kind == CQL_VECTOR)
	{
		length = length_in_vector(parts->type->parts[0]);
		*part = body_take(&parts->body, length != 0 ? length : body_unsigned_vint(&parts->body));
	}
	else if (!may_end || body_left(&parts->body) > 0)
		*part = body_value(&parts->body);
	return !parts->body.is_broken;
}

/* What is behind the parts that the type has was added to it a moment ago. */
static ValueState
parts_end(const Parts *parts)
{
	return parts->body.is_broken ? VALUE_BROKEN : VALUE_FINE;
}

/* ---- JSON ---- */

static ValueState append_json(WireBuffer *out, const CqlType *type, Bytes value);

static bool
is_number(CqlKind kind, const char *text)
{
	switch (kind)
	{
		case CQL_TINYINT:
		case CQL_SMALLINT:
		case CQL_INT:
		case CQL_BIGINT:
		case CQL_COUNTER:
		case CQL_VARINT:
		case CQL_DECIMAL:
		case CQL_BOOLEAN:
			return true;
		case CQL_FLOAT:
		case CQL_DOUBLE:
			return strpbrk(text, "aI") == NULL; /* NaN, Infinity */
		default:
			return false;
	}
}

/* JSON in PostgreSQL has no NUL. */
static void
append_json_text(WireBuffer *out, WireBuffer *text)
{
	WireBuffer clean = {0};
	size_t plain = 0;

	for (size_t i = 0; i < text->length; i++)
		if (text->data[i] == '\0')
		{
			wire_append(&clean, text->data + plain, i - plain);
			wire_append_text(&clean, "\xEF\xBF\xBD");
			plain = i + 1;
		}
	wire_append(&clean, text->data + plain, text->length - plain);
	wire_append_string(out, clean.data, clean.length);
	out->failed |= clean.failed;
	wire_free(&clean);
}

static ValueState
append_json_scalar(WireBuffer *out, const CqlType *type, Bytes value, bool is_key)
{
	WireBuffer text = {0};
	ValueState state = scalar_append(&text, type->kind, value);

	wire_append(&text, "", 1);
	if (text.failed)
		give_up_out_of_memory();
	text.length--;
	if (state == VALUE_NULL)
		wire_append_text(out, is_key ? "\"\"" : "null");
	else if (state == VALUE_FINE && !is_key && is_number(type->kind, text.data))
		wire_append(out, text.data, text.length);
	else if (state == VALUE_FINE)
		append_json_text(out, &text);
	wire_free(&text);
	return state == VALUE_NULL ? VALUE_FINE : state;
}

/* A key that is no single value is the text of its JSON. */
static ValueState
append_key(WireBuffer *out, const CqlType *type, Bytes value)
{
	WireBuffer text = {0};
	ValueState state;

	if (type->kind <= CQL_OTHER)
		return append_json_scalar(out, type, value, true);
	state = append_json(&text, type, value);
	wire_append_string(out, text.data, text.length);
	out->failed |= text.failed;
	wire_free(&text);
	return state;
}

static ValueState
append_json_array(WireBuffer *out, const CqlType *type, Bytes value)
{
	Parts parts = parts_of(type, value);
	Bytes part;

	document_literal(out, "[");
	for (int i = 0; next_part(&parts, &part); i++)
	{
		const CqlType *of = type->kind == CQL_TUPLE ? type->parts[i] : type->parts[0];

		wire_append(out, ",", i > 0);
		if (append_json(out, of, part) == VALUE_BROKEN)
			return VALUE_BROKEN;
	}
	document_literal(out, "]");
	return parts_end(&parts);
}

static ValueState
append_json_map(WireBuffer *out, const CqlType *type, Bytes value)
{
	Body body = body_of(value.bytes, value.length);

	document_literal(out, "{");
	for (int32_t count = body_int(&body), i = 0; i < count && !body.is_broken; i++)
	{
		Bytes key = body_value(&body);
		Bytes member = body_value(&body);

		wire_append(out, ",", i > 0);
		if (body.is_broken || append_key(out, type->parts[0], key) == VALUE_BROKEN)
			return VALUE_BROKEN;
		document_literal(out, ":");
		if (append_json(out, type->parts[1], member) == VALUE_BROKEN)
			return VALUE_BROKEN;
	}
	document_literal(out, "}");
	return body.is_broken ? VALUE_BROKEN : VALUE_FINE;
}

static ValueState
append_json_user(WireBuffer *out, const CqlType *type, Bytes value)
{
	Parts parts = parts_of(type, value);
	Bytes part;

	document_literal(out, "{");
	for (int i = 0; next_part(&parts, &part); i++)
	{
		wire_append(out, ",", i > 0);
		wire_append_string(out, type->names[i], strlen(type->names[i]));
		document_literal(out, ":");
		if (append_json(out, type->parts[i], part) == VALUE_BROKEN)
			return VALUE_BROKEN;
	}
	document_literal(out, "}");
	return parts_end(&parts);
}

static ValueState
append_json(WireBuffer *out, const CqlType *type, Bytes value)
{
	if (type->kind <= CQL_OTHER)
		return append_json_scalar(out, type, value, false);
	if (value.bytes == NULL || value.length == 0)
	{
		document_literal(out, "null");
		return VALUE_FINE;
	}
	switch (type->kind)
	{
		case CQL_MAP:
			return append_json_map(out, type, value);
		case CQL_USER:
			return append_json_user(out, type, value);
		default:
			return append_json_array(out, type, value);
	}
}

/* ---- arrays ---- */

static ValueState
append_array(WireBuffer *out, const CqlType *type, Bytes value)
{
	Parts parts = parts_of(type, value);
	CqlKind kind = type->parts[0]->kind;
	WireBuffer text = {0};
	ValueState state = VALUE_FINE;
	Bytes part;

	document_literal(out, "{");
	for (int i = 0; state != VALUE_BROKEN && next_part(&parts, &part); i++)
	{
		text.length = 0;
		state = scalar_append(&text, kind, part);
		wire_append(out, ",", i > 0);
		if (state == VALUE_NULL)
			document_literal(out, "NULL");
		else
			value_text_element(out, text.data, text.length);
		out->failed |= text.failed;
	}
	document_literal(out, "}");
	wire_free(&text);
	return state == VALUE_BROKEN ? state : parts_end(&parts);
}

ValueState
value_append(WireBuffer *out, const CqlType *type, Bytes value)
{
	if (type->kind <= CQL_OTHER)
		return scalar_append(out, type->kind, value);
	if (value.bytes == NULL || value.length == 0)
		return VALUE_NULL;
	return type_is_array(type) ? append_array(out, type, value) : append_json(out, type, value);
}
