#include "connectors/http_api/columns.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/buffer_text.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

typedef struct Describing
{
	Api *api;
	ShapeWalk walk;
	int fields;
	int left_out;
} Describing;

typedef struct Described
{
	char *type;
	const char *pg_type; /* NULL: text */
	bool not_null;
	bool is_left_out;
	bool may_have_categories;
	WireBuffer more; /* members, each with a comma before */
} Described;

/* ---- types ---- */

typedef struct FormatType
{
	const char *format;
	const char *pg_type;
	const char *array;
} FormatType;

/* The formats of OpenAPI, and the names of types that services on PostgreSQL give. */
static const FormatType of_strings[] = {
	{"date", "date", "date[]"},
	{"date-time", "timestamp with time zone", "timestamp with time zone[]"},
	{"uuid", "uuid", "uuid[]"},
	{"byte", "bytea", NULL},
	{"timestamp with time zone", "timestamp with time zone", "timestamp with time zone[]"},
	{"timestamp without time zone", "timestamp without time zone", "timestamp without time zone[]"},
	{"time without time zone", "time without time zone", "time without time zone[]"},
	{"inet", "inet", "inet[]"},
	{"interval", "interval", "interval[]"},
};
static const FormatType of_integers[] = {
	{"int32", "integer", "integer[]"},    {"int64", "bigint", "bigint[]"},
	{"integer", "integer", "integer[]"},  {"bigint", "bigint", "bigint[]"},
	{"smallint", "integer", "integer[]"},
};
static const FormatType of_numbers[] = {
	{"float", "double precision", "double precision[]"},
	{"double", "double precision", "double precision[]"},
	{"double precision", "double precision", "double precision[]"},
};

static const FormatType *
find_format(const FormatType *formats, size_t count, const char *format)
{
	for (size_t i = 0; format != NULL && i < count; i++)
		if (strcmp(formats[i].format, format) == 0)
			return &formats[i];
	return NULL;
}

/* NULL: text */
static const char *
pg_type_of(const FormatType *formats, size_t count, const char *format, const FormatType *otherwise,
		   bool is_array)
{
	const FormatType *found = find_format(formats, count, format);

	if (found == NULL)
		found = otherwise;
	return is_array ? (found->array ? found->array : "text[]") : found->pg_type;
}

#define COUNT(items) (sizeof(items) / sizeof(*(items)))

static const char *
pg_type_of_scalar(const Shape *shape, bool is_array)
{
	static const FormatType text = {NULL, NULL, "text[]"};
	static const FormatType number = {NULL, "numeric", "numeric[]"};

	switch (shape->types)
	{
		case SHAPE(SHAPE_STRING):
			return pg_type_of(of_strings, COUNT(of_strings), shape->format, &text, is_array);
		case SHAPE(SHAPE_INTEGER):
			return pg_type_of(of_integers, COUNT(of_integers), shape->format, &number, is_array);
		case SHAPE(SHAPE_NUMBER):
			return pg_type_of(of_numbers, COUNT(of_numbers), shape->format, &number, is_array);
		case SHAPE(SHAPE_INTEGER) | SHAPE(SHAPE_NUMBER):
			return is_array ? "numeric[]" : "numeric";
		case SHAPE(SHAPE_BOOLEAN):
			return is_array ? "boolean[]" : "boolean";
		default:
			return "jsonb";
	}
}

static void
append_type(WireBuffer *out, const Shape *shape)
{
	static const char *const names[] = {
		[SHAPE_OBJECT] = "object",   [SHAPE_ARRAY] = "array",   [SHAPE_STRING] = "string",
		[SHAPE_INTEGER] = "integer", [SHAPE_NUMBER] = "number", [SHAPE_BOOLEAN] = "boolean"};
	bool is_first = true;

	for (int i = 0; i < SHAPE_TYPES; i++)
	{
		if (!(shape->types & SHAPE(i)))
			continue;
		wire_append_text(out, is_first ? "" : " | ");
		wire_append_text(out, names[i]);
		is_first = false;
	}
	if (is_first)
		wire_append_text(out, "any");
	if (shape->repeats != NULL || (shape->format != NULL && (shape->types & (shape->types - 1)) == 0))
	{
		wire_append_text(out, "(");
		wire_append_text(out, shape->repeats ? shape->repeats : shape->format);
		wire_append_text(out, ")");
	}
}

/* ---- columns ---- */

static void describe(Describing *describing, Described *described, const Schemas *schemas, int level);

static const char *
scalar_text(const JsonNode *node)
{
	return node == NULL                ? NULL
		   : node->kind == JSON_TRUE   ? "true"
		   : node->kind == JSON_FALSE  ? "false"
		   : node->kind == JSON_TEXT   ? node->text
		   : node->kind == JSON_NUMBER ? node->text
									   : NULL;
}

static void
append_enumeration(WireBuffer *out, const JsonNode *values)
{
	const JsonNode *each = values && values->kind == JSON_ARRAY ? values->first : values;
	bool is_open = false;

	for (; each != NULL; each = values->kind == JSON_ARRAY ? each->next : NULL)
	{
		if (scalar_text(each) == NULL)
			continue;
		wire_append_text(out, is_open ? "," : ",\"enum\":[");
		document_string(out, scalar_text(each));
		is_open = true;
	}
	wire_append_text(out, is_open ? "]" : "");
}

/* The column as an element of `fields`. */
static void
append_field(WireBuffer *out, const char *name, const Described *described)
{
	document_separate(out);
	document_literal(out, "{");
	document_text(out, "name", name);
	document_text(out, "type", described->type);
	document_text(out, "pg_type", described->pg_type);
	document_flag(out, "not_null", described->not_null);
	wire_append(out, described->more.data ? described->more.data : "", described->more.length);
	document_literal(out, "}");
}

static void
append_named_field(Describing *describing, WireBuffer *out, const char *name, const Schemas *schemas,
				   bool is_required, int level)
{
	Described field;

	describe(describing, &field, schemas, level);
	field.not_null &= is_required;
	if (!field.is_left_out)
		append_field(out, name, &field);
	free(field.type);
	wire_free(&field.more);
}

/* The members of an object; of one whose members have any name the only field is what all of them are. */
static void
append_fields(Describing *describing, WireBuffer *out, const Shape *shape, int level)
{
	WireBuffer fields = {0};
	bool is_map = shape->property_count == 0 && shape->values.count > 0;

	if (level >= MOST_LEVELS || shape->repeats != NULL || !(shape->types & SHAPE(SHAPE_OBJECT)))
		return;
	wire_append_text(&fields, "[");
	if (is_map)
		append_named_field(describing, &fields, "{}", &shape->values, false, level + 1);
	for (int i = 0; i < shape->property_count; i++)
		append_named_field(describing, &fields, shape->properties[i].name, &shape->properties[i].schemas,
						   shape->properties[i].is_required && !shape->properties[i].is_of_alternative,
						   level + 1);
	if (fields.length > 1)
	{
		wire_append_text(out, is_map ? ",\"map\":true,\"fields\":" : ",\"fields\":");
		wire_append(out, fields.data, fields.length);
		wire_append_text(out, "]");
	}
	out->failed |= fields.failed;
	wire_free(&fields);
}

static bool
is_list(const Shape *shape)
{
	return shape->types == SHAPE(SHAPE_ARRAY) && shape->elements.count > 0 && shape->repeats == NULL;
}

/* Of an array: its elements are described, of nested ones those of the innermost. */
static void
describe_list(Describing *describing, Described *described, const Shape *shape, int level)
{
	WireBuffer type = {0};
	Shape element;
	bool is_nested;

	shape_make(&element, describing->api, &shape->elements, &describing->walk);
	is_nested = is_list(&element) && level < MOST_LEVELS;
	wire_append_text(&described->more, ",\"repeated\":true");
	if (is_nested)
	{
		Described inner;

		describe(describing, &inner, &shape->elements, level + 1);
		wire_append_text(&type, inner.type);
		wire_append_text(&type, "[]");
		free(inner.type);
		wire_free(&inner.more);
	}
	else
	{
		append_type(&type, &element);
		append_enumeration(&described->more, element.enumeration);
		append_fields(describing, &described->more, &element, level);
	}
	described->type = buffer_take_text(&type);
	described->pg_type = is_nested ? "jsonb" : pg_type_of_scalar(&element, true);
	shape_free(&element);
}

static void
append_words(WireBuffer *out, const Shape *shape)
{
	document_further(out, "default", scalar_text(shape->fallback));
	document_further(out, "comment", shape->description);
	if (shape->is_deprecated)
		wire_append_text(out, ",\"deprecated\":true");
	if (shape->is_read_only)
		wire_append_text(out, ",\"read_only\":true");
}

static void
describe(Describing *describing, Described *described, const Schemas *schemas, int level)
{
	WireBuffer type = {0};
	Shape shape;

	*described = (Described){0};
	if (describing->fields >= MOST_FIELDS)
	{
		describing->left_out++;
		described->is_left_out = true;
		return;
	}
	shape_make(&shape, describing->api, schemas, &describing->walk);
	described->is_left_out = shape.is_write_only;
	describing->fields += !shape.is_write_only;
	described->not_null = !shape.is_nullable;
	append_words(&described->more, &shape);
	if (is_list(&shape))
		describe_list(describing, described, &shape, level);
	else
	{
		append_type(&type, &shape);
		described->type = buffer_take_text(&type);
		described->pg_type = pg_type_of_scalar(&shape, false);
		append_enumeration(&described->more, shape.enumeration);
		append_fields(describing, &described->more, &shape, level);
	}
	described->may_have_categories = described->pg_type == NULL || strcmp(described->pg_type, "boolean") == 0;
	if (described->more.failed)
		give_up_out_of_memory();
	shape_free(&shape);
}

static void
add_column(Describing *describing, FileRelation *relation, const char *name, const Schemas *schemas,
		   bool is_required)
{
	Described described;
	FileColumn *column;

	describe(describing, &described, schemas, 1);
	if (described.is_left_out)
	{
		free(described.type);
		wire_free(&described.more);
		return;
	}
	column = relation_add_column(relation);
	column->name = copy_text(name);
	column->type = described.type;
	column->pg_type = described.pg_type;
	column->not_null = described.not_null && is_required;
	column->may_have_categories = described.may_have_categories;
	column->more = buffer_take_text(&described.more);
}

int
columns_add(FileRelation *relation, Api *api, const Schemas *row)
{
	Describing describing = {.api = api};
	Shape shape;

	shape_make(&shape, api, row, &describing.walk);
	if (shape.property_count == 0 || shape.types != SHAPE(SHAPE_OBJECT))
	{
		add_column(&describing, relation, VALUE_COLUMN, row, true);
	}
	for (int i = 0; i < shape.property_count && shape.types == SHAPE(SHAPE_OBJECT); i++)
		add_column(&describing, relation, shape.properties[i].name, &shape.properties[i].schemas,
				   shape.properties[i].is_required && !shape.properties[i].is_of_alternative);
	shape_free(&shape);
	shape_walk_end(&describing.walk);
	return describing.left_out;
}

char *
schemas_type(Api *api, const Schemas *schemas, const char **pg_type)
{
	ShapeWalk walk = {0};
	WireBuffer type = {0};
	Shape shape;

	shape_make(&shape, api, schemas, &walk);
	if (schemas->count == 0)
		shape.types = SHAPE(SHAPE_STRING);
	append_type(&type, &shape);
	*pg_type = pg_type_of_scalar(&shape, false);
	shape_free(&shape);
	shape_walk_end(&walk);
	return buffer_take_text(&type);
}
