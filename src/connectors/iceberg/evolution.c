#include "connectors/iceberg/evolution.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/iceberg/schema.h"
#include "connectors/iceberg/type.h"

#define OTHER_TYPE "it has another type in this file than in the table"

/* ---- values ---- */

static bool
find_timestamp(Conversion *conversion, bool has_zone, StoredKind stored)
{
	bool is_marked = stored == STORED_TIMESTAMPTZ;

	if (stored == STORED_DATE && !has_zone)
		conversion->kind = CONVERT_DATE_TO_TIMESTAMP;
	else if (stored != STORED_TIMESTAMP && stored != STORED_TIMESTAMPTZ)
		return false;
	else if (has_zone != is_marked)
		conversion->kind = has_zone ? CONVERT_ADD_ZONE : CONVERT_DROP_ZONE;
	return true;
}

static bool
find_with(Conversion *conversion, StoredKind stored, StoredKind same, StoredKind other, ConversionKind kind)
{
	if (stored == other)
		conversion->kind = kind;
	return stored == same || stored == other;
}

/* Returns false if the stored values cannot be those of the type. */
static bool
find_conversion(Conversion *conversion, const char *type, const StoredField *stored)
{
	IcebergKind kind = iceberg_kind(type);

	*conversion = (Conversion){.kind = CONVERT_NOT};
	switch (kind)
	{
		case ICEBERG_BOOLEAN:
			return stored->kind == STORED_BOOLEAN;
		case ICEBERG_INT:
		case ICEBERG_LONG:
			return stored->kind == STORED_INTEGER;
		case ICEBERG_FLOAT:
			return stored->kind == STORED_REAL;
		case ICEBERG_DOUBLE:
			return find_with(conversion, stored->kind, STORED_DOUBLE, STORED_REAL, CONVERT_REAL_TO_DOUBLE);
		case ICEBERG_DECIMAL:
			return stored->kind == STORED_DECIMAL && stored->scale == iceberg_scale(type);
		case ICEBERG_DATE:
			return stored->kind == STORED_DATE;
		case ICEBERG_TIME:
			return find_with(conversion, stored->kind, STORED_TIME, STORED_INTEGER, CONVERT_NUMBER_TO_TIME);
		case ICEBERG_TIMESTAMP:
		case ICEBERG_TIMESTAMP_NS:
			return find_timestamp(conversion, false, stored->kind);
		case ICEBERG_TIMESTAMPTZ:
		case ICEBERG_TIMESTAMPTZ_NS:
			return find_timestamp(conversion, true, stored->kind);
		case ICEBERG_STRING:
			return stored->kind == STORED_TEXT;
		case ICEBERG_UUID:
			return find_with(conversion, stored->kind, STORED_UUID, STORED_BYTES, CONVERT_BYTES_TO_UUID);
		case ICEBERG_FIXED:
		case ICEBERG_BINARY:
		case ICEBERG_GEOMETRY:
		case ICEBERG_GEOGRAPHY:
			return stored->kind == STORED_BYTES;
		default:
			return false;
	}
}

static Shape *
make_value(const char *type, const StoredField *stored, const char **refusal)
{
	Conversion conversion;
	Shape *shape;

	if (iceberg_kind(type) == ICEBERG_VARIANT)
		*refusal = "values of the type variant are not read";
	else if (stored->kind >= STORED_STRUCTURE || !find_conversion(&conversion, type, stored))
		*refusal = OTHER_TYPE;
	if (*refusal)
		return NULL;
	shape = lake_shape(SHAPED_VALUE, 0);
	shape->conversion = conversion;
	shape->is_plain = conversion.kind == CONVERT_NOT;
	return shape;
}

/* ---- what holds others ---- */

/* Takes what is below the shape. Frees the shape, and returns NULL, if it could not be made. */
static Shape *
take(Shape *shape, Shape **place, Shape *below)
{
	*place = below;
	if (below == NULL)
	{
		lake_shape_free(shape);
		return NULL;
	}
	shape->is_plain = shape->is_plain && below->is_plain;
	return shape;
}

static Shape *
make_list(const JsonNode *type, const StoredField *stored, const char **refusal)
{
	Shape *shape = lake_shape(SHAPED_LIST, 0);

	return take(shape, &shape->element,
				iceberg_shape(json_member(type, "element"), &stored->fields[0], refusal));
}

static Shape *
make_map(const JsonNode *type, const StoredField *stored, const char **refusal)
{
	Shape *shape = lake_shape(SHAPED_MAP, 0);

	shape = take(shape, &shape->key, iceberg_shape(json_member(type, "key"), &stored->fields[0], refusal));
	if (shape == NULL)
		return NULL;
	return take(shape, &shape->element,
				iceberg_shape(json_member(type, "value"), &stored->fields[1], refusal));
}

int
iceberg_find_stored(const StoredField *structure, int64_t id)
{
	for (int i = 0; i < structure->count; i++)
		if (structure->fields[i].id == id)
			return i;
	return -1;
}

static char *
absent_value(const JsonNode *field)
{
	WireBuffer value = {.data = NULL};

	if (!iceberg_default_write(&value, field, true))
		return NULL;
	wire_append(&value, "", 1);
	return value.failed ? NULL : value.data;
}

/* Returns false if the field cannot be read. */
static bool
make_field(Shape *shape, const JsonNode *field, const StoredField *stored, const char **refusal)
{
	ShapeField *made = &shape->fields[shape->count];
	const char *name = json_member_text(field, "name");
	int64_t id = NO_STORED_ID;
	int found;

	json_member_integer(field, "id", &id);
	found = iceberg_find_stored(stored, id);
	*made = (ShapeField){.name = name ? name : ""};
	if (found >= 0)
	{
		made->stored = stored->fields[found].name;
		made->shape = iceberg_shape(json_member(field, "type"), &stored->fields[found], refusal);
		if (made->shape == NULL)
			return false;
	}
	else
		made->absent = absent_value(field);
	shape->is_plain = shape->is_plain && found == shape->count && made->shape->is_plain &&
					  strcmp(made->name, made->stored) == 0;
	shape->count++;
	return true;
}

static Shape *
make_structure(const JsonNode *type, const StoredField *stored, const char **refusal)
{
	const JsonNode *fields = json_member(type, "fields");
	Shape *shape = lake_shape(SHAPED_STRUCTURE, fields ? fields->count : 0);

	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
		if (!make_field(shape, field, stored, refusal))
		{
			lake_shape_free(shape);
			return NULL;
		}
	shape->is_plain = shape->is_plain && shape->count == stored->count;
	return shape;
}

Shape *
iceberg_shape(const JsonNode *type, const StoredField *stored, const char **refusal)
{
	*refusal = NULL;
	if (json_text(type))
		return make_value(json_text(type), stored, refusal);
	if (iceberg_type_is(type, "list") && stored->kind == STORED_LIST)
		return make_list(type, stored, refusal);
	if (iceberg_type_is(type, "map") && stored->kind == STORED_MAP)
		return make_map(type, stored, refusal);
	if (iceberg_type_is(type, "struct") && stored->kind == STORED_STRUCTURE)
		return make_structure(type, stored, refusal);
	*refusal = OTHER_TYPE;
	return NULL;
}

/* ---- defaults ---- */

/* 2007-12-03T10:15:30.5+00:00, as PostgreSQL writes it. */
static void
write_timestamp(WireBuffer *out, const char *text, size_t length)
{
	const char *zone = length > 6 ? text + length - 6 : text;
	bool has_zone = length > 6 && strcmp(zone, "+00:00") == 0;

	for (size_t i = 0; i < (has_zone ? length - 3 : length); i++)
		wire_append(out, text[i] == 'T' ? " " : &text[i], 1);
}

static void
write_text(WireBuffer *out, const char *type, const JsonNode *value)
{
	switch (iceberg_kind(type))
	{
		case ICEBERG_TIMESTAMP:
		case ICEBERG_TIMESTAMPTZ:
		case ICEBERG_TIMESTAMP_NS:
		case ICEBERG_TIMESTAMPTZ_NS:
			write_timestamp(out, value->text, value->length);
			break;
		case ICEBERG_FIXED:
		case ICEBERG_BINARY:
			wire_append_text(out, "\\x");
			wire_append(out, value->text, value->length);
			break;
		default:
			wire_append(out, value->text, value->length);
	}
}

/* Decimals stand as texts. */
static bool
is_json_number(const WireBuffer *text)
{
	char fault[128];
	JsonTree *tree = text->data ? json_tree_read(text->data, text->length, fault, sizeof(fault)) : NULL;
	bool is_number = tree && json_tree_root(tree)->kind == JSON_NUMBER;

	if (tree)
		json_tree_free(tree);
	return is_number;
}

/* Structures, lists and maps have none but null and what is empty. */
static void
write_empty(WireBuffer *out, const JsonNode *type)
{
	wire_append_text(out, iceberg_type_is(type, "list") ? "[]" : "{}");
}

bool
iceberg_default_write(WireBuffer *out, const JsonNode *field, bool as_json)
{
	const JsonNode *value = json_member(field, "initial-default");
	const JsonNode *type = json_member(field, "type");
	WireBuffer text = {.data = NULL};

	if (value == NULL)
		return false;
	if (json_text(type) == NULL)
		write_empty(out, type);
	else if (value->kind == JSON_TRUE || value->kind == JSON_FALSE)
		wire_append_text(out, value->kind == JSON_TRUE ? "true" : "false");
	else if (value->kind == JSON_NUMBER)
		wire_append(out, value->text, value->length);
	else if (value->kind != JSON_TEXT)
		return false;
	else
	{
		write_text(&text, json_text(type), value);
		if (as_json && !(iceberg_kind(json_text(type)) == ICEBERG_DECIMAL && is_json_number(&text)))
			wire_append_string(out, text.data ? text.data : "", text.length);
		else
			wire_append(out, text.data ? text.data : "", text.length);
		wire_free(&text);
	}
	return true;
}
