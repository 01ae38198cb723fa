#include "connectors/delta_lake/conversion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/value_text.h"
#include "connectors/parquet/types.h"

/* ---- which one ---- */

static bool
is_integer(ValueKind kind)
{
	return kind == KIND_SIGNED || kind == KIND_UNSIGNED;
}

/* decimal(precision,scale) */
static bool
find_decimal(DeltaConversion *conversion, const char *type, const SchemaElement *element, ValueKind kind)
{
	int scale = 0;
	int precision;

	if (sscanf(type, "decimal(%d,%d)", &precision, &scale) < 1)
		scale = 0;
	if (kind != KIND_DECIMAL && !is_integer(kind))
		return false;
	if (scale > (kind == KIND_DECIMAL ? element->scale : 0))
		*conversion = (DeltaConversion){.kind = CONVERT_SCALE, .scale = scale};
	return true;
}

static bool
find_time(DeltaConversion *conversion, bool has_zone, const SchemaElement *element, ValueKind kind)
{
	bool is_marked = kind == KIND_TIMESTAMP && element->is_utc;

	if (kind == KIND_DATE && !has_zone)
		conversion->kind = CONVERT_DATE;
	else if (kind != KIND_TIMESTAMP && kind != KIND_INT96)
		return false;
	else if (has_zone != is_marked)
		conversion->kind = has_zone ? CONVERT_ADD_ZONE : CONVERT_DROP_ZONE;
	return true;
}

static bool
find_double(DeltaConversion *conversion, ValueKind kind)
{
	if (kind == KIND_FLOAT)
		conversion->kind = CONVERT_FLOAT;
	return kind == KIND_FLOAT || kind == KIND_DOUBLE || is_integer(kind);
}

static bool
is_type(const char *type, const char *name)
{
	size_t length = strcspn(type, "( ");

	return strlen(name) == length && strncmp(type, name, length) == 0;
}

bool
delta_conversion_find(DeltaConversion *conversion, const char *type, const SchemaElement *element)
{
	ValueKind kind = type_kind(element);

	*conversion = (DeltaConversion){.kind = CONVERT_NOT};
	if (is_type(type, "decimal"))
		return find_decimal(conversion, type, element, kind);
	if (is_type(type, "timestamp") || is_type(type, "timestamp_ntz"))
		return find_time(conversion, is_type(type, "timestamp"), element, kind);
	if (is_type(type, "double"))
		return find_double(conversion, kind);
	if (is_type(type, "byte") || is_type(type, "short") || is_type(type, "integer") || is_type(type, "long"))
		return is_integer(kind);
	if (is_type(type, "float"))
		return kind == KIND_FLOAT || kind == KIND_FLOAT16;
	if (is_type(type, "boolean"))
		return kind == KIND_BOOLEAN;
	if (is_type(type, "date"))
		return kind == KIND_DATE;
	if (is_type(type, "binary"))
		return kind == KIND_BINARY;
	return is_type(type, "string") && kind == KIND_TEXT;
}

/* ---- values ---- */

/* A time that PostgreSQL cannot have is the number that it is in the file. */
static bool
is_time(const char *text, size_t length)
{
	return memchr(text, ' ', length) != NULL;
}

/* What is behind the time: the era. */
static size_t
time_length(const char *text, size_t length)
{
	return length > 3 && memcmp(text + length - 3, " BC", 3) == 0 ? length - 3 : length;
}

static void
add_zone(WireBuffer *out, const char *text, size_t length)
{
	size_t time = time_length(text, length);

	wire_append(out, text, time);
	if (is_time(text, length))
		wire_append_text(out, "+00");
	wire_append(out, text + time, length - time);
}

static void
drop_zone(WireBuffer *out, const char *text, size_t length)
{
	size_t time = time_length(text, length);
	bool has_zone = time > 3 && memcmp(text + time - 3, "+00", 3) == 0;

	wire_append(out, text, has_zone ? time - 3 : time);
	wire_append(out, text + time, length - time);
}

static void
date_to_time(WireBuffer *out, const char *text, size_t length)
{
	size_t date = time_length(text, length);

	wire_append(out, text, date);
	wire_append_text(out, " 00:00:00");
	wire_append(out, text + date, length - date);
}

/* The nearest number of the wider type has more digits. */
static void
widen_float(WireBuffer *out, const char *text, size_t length)
{
	char number[64];

	snprintf(number, sizeof(number), "%.*s", (int) (length < sizeof(number) ? length : sizeof(number) - 1),
			 text);
	value_text_double(out, (double) strtof(number, NULL));
}

static void
write_scale(WireBuffer *out, int scale, const char *text, size_t length)
{
	const char *point = memchr(text, '.', length);
	size_t written = point ? (size_t) (text + length - point) - 1 : 0;

	wire_append(out, text, length);
	if (point == NULL)
		wire_append(out, ".", 1);
	for (; written < (size_t) scale; written++)
		wire_append(out, "0", 1);
}

void
delta_convert(WireBuffer *out, const DeltaConversion *conversion, const char *text, size_t length)
{
	switch (conversion->kind)
	{
		case CONVERT_NOT:
			wire_append(out, text, length);
			break;
		case CONVERT_ADD_ZONE:
			add_zone(out, text, length);
			break;
		case CONVERT_DROP_ZONE:
			drop_zone(out, text, length);
			break;
		case CONVERT_DATE:
			date_to_time(out, text, length);
			break;
		case CONVERT_FLOAT:
			widen_float(out, text, length);
			break;
		case CONVERT_SCALE:
			write_scale(out, conversion->scale, text, length);
	}
}
