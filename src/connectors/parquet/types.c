#include "connectors/parquet/types.h"

#include <stdio.h>
#include <string.h>

#define MOST_FIXED_BYTES 16777216

bool
type_is_possible(const SchemaElement *element)
{
	if (element->physical == PHYSICAL_FIXED && (element->length < 0 || element->length > MOST_FIXED_BYTES))
		return false;
	if (element->logical != LOGICAL_DECIMAL)
		return true;
	return element->precision >= 0 && element->scale >= 0 && element->precision <= 1000 &&
		   element->scale <= 1000;
}

static bool
is_integer(const SchemaElement *element)
{
	return element->physical == PHYSICAL_INT32 || element->physical == PHYSICAL_INT64;
}

static bool
is_fixed(const SchemaElement *element, int length)
{
	return element->physical == PHYSICAL_FIXED && element->length == length;
}

static ValueKind
plain_kind(const SchemaElement *element)
{
	static const ValueKind kinds[] = {KIND_BOOLEAN, KIND_SIGNED, KIND_SIGNED, KIND_INT96,
									  KIND_FLOAT,   KIND_DOUBLE, KIND_BINARY, KIND_BINARY};

	return kinds[element->physical];
}

static bool
is_decimal(const SchemaElement *element)
{
	return element->precision > 0 && (is_integer(element) || element->physical == PHYSICAL_BYTES ||
									  (element->physical == PHYSICAL_FIXED && element->length > 0));
}

/* The kind that the annotation asks for; another physical type than it needs has none. */
ValueKind
type_kind(const SchemaElement *element)
{
	bool is_bytes = element->physical == PHYSICAL_BYTES;

	switch (element->logical)
	{
		case LOGICAL_STRING:
		case LOGICAL_ENUM:
		case LOGICAL_JSON:
			return is_bytes ? KIND_TEXT : plain_kind(element);
		case LOGICAL_DECIMAL:
			return is_decimal(element) ? KIND_DECIMAL : plain_kind(element);
		case LOGICAL_DATE:
			return element->physical == PHYSICAL_INT32 ? KIND_DATE : plain_kind(element);
		case LOGICAL_TIME:
			return is_integer(element) ? KIND_TIME : plain_kind(element);
		case LOGICAL_TIMESTAMP:
			return element->physical == PHYSICAL_INT64 ? KIND_TIMESTAMP : plain_kind(element);
		case LOGICAL_INTERVAL:
			return is_fixed(element, 12) ? KIND_INTERVAL : plain_kind(element);
		case LOGICAL_INTEGER:
			return is_integer(element) && !element->is_signed ? KIND_UNSIGNED : plain_kind(element);
		case LOGICAL_UUID:
			return is_fixed(element, 16) ? KIND_UUID : plain_kind(element);
		case LOGICAL_FLOAT16:
			return is_fixed(element, 2) ? KIND_FLOAT16 : plain_kind(element);
		default:
			return plain_kind(element);
	}
}

/* ---- as text ---- */

static const char *
unit_name(const SchemaElement *element)
{
	return element->unit == UNIT_MILLISECOND ? "ms" : element->unit == UNIT_MICROSECOND ? "us" : "ns";
}

static void
write_plain(WireBuffer *out, const SchemaElement *element)
{
	static const char *const names[] = {"boolean", "int32", "int64", "int96", "float", "double", "binary"};
	char text[32];

	snprintf(text, sizeof(text), "fixed(%d)", element->length);
	wire_append_text(out, element->physical == PHYSICAL_FIXED ? text : names[element->physical]);
}

static void
write_time(WireBuffer *out, const SchemaElement *element, const char *name)
{
	char text[48];

	snprintf(text, sizeof(text), "%s(%s, %s)", name, unit_name(element), element->is_utc ? "utc" : "local");
	wire_append_text(out, text);
}

static int
integer_bits(const SchemaElement *element)
{
	bool is_usual = element->bits == 8 || element->bits == 16 || element->bits == 32 || element->bits == 64;

	return is_usual ? element->bits : element->physical == PHYSICAL_INT32 ? 32 : 64;
}

static void
write_number(WireBuffer *out, const SchemaElement *element, ValueKind kind)
{
	char text[48];

	if (kind == KIND_DECIMAL)
		snprintf(text, sizeof(text), "decimal(%d,%d)", element->precision, element->scale);
	else
		snprintf(text, sizeof(text), "%sint%d", kind == KIND_UNSIGNED ? "u" : "", integer_bits(element));
	wire_append_text(out, text);
}

static void
write_place(WireBuffer *out, const SchemaElement *element)
{
	static const char *const algorithms[] = {"spherical", "vincenty", "thomas", "andoyer", "karney"};
	bool is_geography = element->logical == LOGICAL_GEOGRAPHY;
	bool has_algorithm = is_geography && element->algorithm >= 0 && element->algorithm < 5;
	const char *usual = "OGC:CRS84";

	wire_append_text(out, is_geography ? "geography(" : "geometry(");
	if (element->crs.length > 0)
		wire_append(out, element->crs.start, element->crs.length);
	else
		wire_append_text(out, usual);
	if (has_algorithm)
	{
		wire_append_text(out, ", ");
		wire_append_text(out, algorithms[element->algorithm]);
	}
	wire_append_text(out, ")");
}

/* The annotation of bytes, or NULL. */
static const char *
bytes_name(const SchemaElement *element)
{
	if (element->physical != PHYSICAL_BYTES)
		return NULL;
	switch (element->logical)
	{
		case LOGICAL_STRING:
			return "string";
		case LOGICAL_ENUM:
			return "enum";
		case LOGICAL_JSON:
			return "json";
		case LOGICAL_BSON:
			return "bson";
		default:
			return NULL;
	}
}

static void
write_other(WireBuffer *out, const SchemaElement *element)
{
	const char *name = bytes_name(element);

	if (name)
		wire_append_text(out, name);
	else if (element->logical == LOGICAL_UNKNOWN)
		wire_append_text(out, "unknown");
	else if (element->physical == PHYSICAL_BYTES &&
			 (element->logical == LOGICAL_GEOMETRY || element->logical == LOGICAL_GEOGRAPHY))
		write_place(out, element);
	else if (element->logical == LOGICAL_INTEGER && element->is_signed && is_integer(element))
		write_number(out, element, KIND_SIGNED);
	else
		write_plain(out, element);
}

void
type_write(WireBuffer *out, const SchemaElement *element)
{
	ValueKind kind = type_kind(element);

	switch (kind)
	{
		case KIND_DECIMAL:
		case KIND_UNSIGNED:
			write_number(out, element, kind);
			break;
		case KIND_DATE:
			wire_append_text(out, "date");
			break;
		case KIND_TIME:
			write_time(out, element, "time");
			break;
		case KIND_TIMESTAMP:
			write_time(out, element, "timestamp");
			break;
		case KIND_INTERVAL:
			wire_append_text(out, "interval");
			break;
		case KIND_UUID:
			wire_append_text(out, "uuid");
			break;
		case KIND_FLOAT16:
			wire_append_text(out, "float16");
			break;
		default:
			write_other(out, element);
	}
}

/* ---- in PostgreSQL ---- */

static const char *
integer_pg_type(const SchemaElement *element, bool is_signed)
{
	int bits = element->logical == LOGICAL_INTEGER   ? integer_bits(element)
			   : element->physical == PHYSICAL_INT32 ? 32
													 : 64;

	if (is_signed)
		return bits <= 16 ? "smallint" : bits == 32 ? "integer" : "bigint";
	return bits == 8 ? "smallint" : bits == 16 ? "integer" : bits == 32 ? "bigint" : "numeric";
}

const char *
type_pg_type(const SchemaElement *element)
{
	ValueKind kind = type_kind(element);

	if (element->logical == LOGICAL_UNKNOWN)
		return NULL;
	switch (kind)
	{
		case KIND_BOOLEAN:
			return "boolean";
		case KIND_SIGNED:
		case KIND_UNSIGNED:
			return integer_pg_type(element, kind == KIND_SIGNED);
		case KIND_FLOAT:
		case KIND_FLOAT16:
			return "real";
		case KIND_DOUBLE:
			return "double precision";
		case KIND_DECIMAL:
			return "numeric";
		case KIND_DATE:
			return "date";
		case KIND_TIME:
			return "time without time zone";
		case KIND_TIMESTAMP:
			return element->is_utc ? "timestamp with time zone" : "timestamp without time zone";
		case KIND_INT96:
			return "timestamp without time zone";
		case KIND_INTERVAL:
			return "interval";
		case KIND_UUID:
			return "uuid";
		case KIND_BINARY:
			return "bytea";
		default:
			return element->logical == LOGICAL_JSON ? "json" : NULL;
	}
}
