#include "connectors/delta_lake/stored_type.h"

#include <stdio.h>
#include <string.h>

#include "connectors/parquet/types.h"

static bool
is_integer(ValueKind kind)
{
	return kind == KIND_SIGNED || kind == KIND_UNSIGNED;
}

/* decimal(precision,scale) */
static bool
find_decimal(Conversion *conversion, const char *type, const SchemaElement *element, ValueKind kind)
{
	int scale = 0;
	int precision;

	if (sscanf(type, "decimal(%d,%d)", &precision, &scale) < 1)
		scale = 0;
	if (kind != KIND_DECIMAL && !is_integer(kind))
		return false;
	if (scale > (kind == KIND_DECIMAL ? element->scale : 0))
		*conversion = (Conversion){.kind = CONVERT_SCALE, .scale = scale};
	return true;
}

static bool
find_time(Conversion *conversion, bool has_zone, const SchemaElement *element, ValueKind kind)
{
	bool is_marked = kind == KIND_TIMESTAMP && element->is_utc;

	if (kind == KIND_DATE && !has_zone)
		conversion->kind = CONVERT_DATE_TO_TIMESTAMP;
	else if (kind != KIND_TIMESTAMP && kind != KIND_INT96)
		return false;
	else if (has_zone != is_marked)
		conversion->kind = has_zone ? CONVERT_ADD_ZONE : CONVERT_DROP_ZONE;
	return true;
}

static bool
find_double(Conversion *conversion, ValueKind kind)
{
	if (kind == KIND_FLOAT)
		conversion->kind = CONVERT_REAL_TO_DOUBLE;
	return kind == KIND_FLOAT || kind == KIND_DOUBLE || is_integer(kind);
}

static bool
is_type(const char *type, const char *name)
{
	size_t length = strcspn(type, "( ");

	return strlen(name) == length && strncmp(type, name, length) == 0;
}

bool
delta_stored_type(Conversion *conversion, const char *type, const SchemaElement *element)
{
	ValueKind kind = type_kind(element);

	*conversion = (Conversion){.kind = CONVERT_NOT};
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
