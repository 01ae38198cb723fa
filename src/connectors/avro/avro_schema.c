#include "connectors/avro/avro_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

#define MOST_TYPES   100000
#define MOST_NAMED   10000
#define MOST_FIXED   (64 << 20)
#define LONGEST_NAME 1024

struct AvroSchema
{
	JsonTree *tree;
	AvroType **types; /* all of them */
	int count;
	AvroType **named;
	int named_count;
	const AvroType *root;
	const char *fault; /* the first one; NULL: none */
};

static const struct
{
	const char *name;
	AvroKind kind;
} kinds[] = {{"null", AVRO_NULL},    {"boolean", AVRO_BOOLEAN}, {"int", AVRO_INT},
			 {"long", AVRO_LONG},    {"float", AVRO_FLOAT},     {"double", AVRO_DOUBLE},
			 {"bytes", AVRO_BYTES},  {"string", AVRO_STRING},   {"record", AVRO_RECORD},
			 {"error", AVRO_RECORD}, {"enum", AVRO_ENUM},       {"array", AVRO_ARRAY},
			 {"map", AVRO_MAP},      {"fixed", AVRO_FIXED}};

static bool
find_kind(const char *name, AvroKind *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
		{
			*kind = kinds[i].kind;
			return true;
		}
	return false;
}

/* The type is there all the same, and null. */
static const AvroType *
fails(AvroSchema *schema, const char *fault)
{
	static const AvroType nothing = {.kind = AVRO_NULL};

	if (schema->fault == NULL)
		schema->fault = fault;
	return &nothing;
}

/* Room is made for a power of two. */
static AvroType **
add_pointer(AvroType **pointers, int *count, AvroType *type)
{
	if ((*count & (*count - 1)) == 0)
		pointers = reallocate(pointers, (size_t) (*count == 0 ? 1 : 2 * *count) * sizeof(AvroType *));
	pointers[(*count)++] = type;
	return pointers;
}

static AvroType *
add_type(AvroSchema *schema, AvroKind kind, const JsonNode *json, int fields)
{
	AvroType *type = allocate(sizeof(AvroType));

	*type = (AvroType){.kind = kind, .json = json};
	type->fields = fields > 0 ? allocate((size_t) fields * sizeof(AvroField)) : NULL;
	schema->types = add_pointer(schema->types, &schema->count, type);
	return type;
}

/* ---- names ---- */

/* A name without a dot is one of the namespace around it. Returns false if it is too long. */
static bool
full_name(const char *name, const char *space, char *full)
{
	bool has_space = strchr(name, '.') != NULL || space == NULL || space[0] == '\0';
	int length = has_space ? snprintf(full, LONGEST_NAME, "%s", name)
						   : snprintf(full, LONGEST_NAME, "%s.%s", space, name);

	return length < LONGEST_NAME;
}

static const AvroType *
find_named(const AvroSchema *schema, const char *name)
{
	for (int i = 0; i < schema->named_count; i++)
		if (strcmp(schema->named[i]->name, name) == 0)
			return schema->named[i];
	return NULL;
}

static const AvroType *
named_type(AvroSchema *schema, const char *name, const char *space)
{
	char full[LONGEST_NAME];
	const AvroType *type = full_name(name, space, full) ? find_named(schema, full) : NULL;

	if (type == NULL)
		type = find_named(schema, name);
	return type ? type : fails(schema, "it names a type that it has not told");
}

/* Names the type, and writes the namespace that its fields are in: at most LONGEST_NAME bytes. */
static void
take_name(AvroSchema *schema, AvroType *type, const char *space, char *inner)
{
	const char *name = json_member_text(type->json, "name");
	const char *own = json_member_text(type->json, "namespace");
	char full[LONGEST_NAME];
	char *dot;

	inner[0] = '\0';
	if (name == NULL || name[0] == '\0' || !full_name(name, own ? own : space, full))
	{
		fails(schema, "a type has no name");
		return;
	}
	if (schema->named_count == MOST_NAMED || find_named(schema, full))
	{
		fails(schema, schema->named_count == MOST_NAMED ? "it has more than 10,000 types with names"
														: "two types have the same name");
		return;
	}
	type->name = copy_text(full);
	schema->named = add_pointer(schema->named, &schema->named_count, type);
	strcpy(inner, full);
	dot = strrchr(inner, '.');
	*(dot ? dot : inner) = '\0';
}

/* ---- types ---- */

static const AvroType *make_type(AvroSchema *schema, const JsonNode *json, const char *space);

static void
add_field(AvroSchema *schema, AvroType *type, const JsonNode *json, const JsonNode *held, const char *space)
{
	const AvroType *made = make_type(schema, held, space);

	type->fields[type->count++] = (AvroField){.json = json, .type = made};
}

static const AvroType *
make_record(AvroSchema *schema, const JsonNode *json, const char *space)
{
	const JsonNode *fields = json_member(json, "fields");
	bool has_fields = fields && fields->kind == JSON_ARRAY;
	AvroType *type = add_type(schema, AVRO_RECORD, json, has_fields ? fields->count : 0);
	char inner[LONGEST_NAME];

	take_name(schema, type, space, inner);
	if (!has_fields)
		return fails(schema, "a record has no fields");
	for (const JsonNode *field = fields->first; field; field = field->next)
	{
		add_field(schema, type, field, json_member(field, "type"), inner);
		type->fields[type->count - 1].name = json_member_text(field, "name");
		if (type->fields[type->count - 1].name == NULL)
			return fails(schema, "a field has no name");
	}
	return type;
}

static const AvroType *
make_enum(AvroSchema *schema, const JsonNode *json, const char *space)
{
	const JsonNode *symbols = json_member(json, "symbols");
	AvroType *type = add_type(schema, AVRO_ENUM, json, 0);
	char inner[LONGEST_NAME];

	take_name(schema, type, space, inner);
	if (symbols == NULL || symbols->kind != JSON_ARRAY)
		return fails(schema, "an enum has no symbols");
	type->count = symbols->count;
	return type;
}

static const AvroType *
make_fixed(AvroSchema *schema, const JsonNode *json, const char *space)
{
	AvroType *type = add_type(schema, AVRO_FIXED, json, 0);
	char inner[LONGEST_NAME];

	take_name(schema, type, space, inner);
	if (!json_member_integer(json, "size", &type->bytes) || type->bytes < 0 || type->bytes > MOST_FIXED)
		return fails(schema, "a fixed has no size");
	return type;
}

static const AvroType *
make_union(AvroSchema *schema, const JsonNode *json, const char *space)
{
	AvroType *type = add_type(schema, AVRO_UNION, json, json->count);

	for (const JsonNode *branch = json->first; branch; branch = branch->next)
	{
		add_field(schema, type, branch, branch, space);
		if (branch->kind == JSON_ARRAY)
			return fails(schema, "a union holds a union");
	}
	return type;
}

/* An array or a map. */
static const AvroType *
make_collection(AvroSchema *schema, AvroKind kind, const JsonNode *json, const char *space)
{
	AvroType *type = add_type(schema, kind, json, 1);

	add_field(schema, type, json, json_member(json, kind == AVRO_ARRAY ? "items" : "values"), space);
	return type;
}

static const AvroType *
make_object(AvroSchema *schema, const JsonNode *json, const char *space)
{
	const JsonNode *type = json_member(json, "type");
	AvroKind kind;

	if (json_text(type) == NULL)
		return make_type(schema, type, space);
	if (!find_kind(json_text(type), &kind))
		return named_type(schema, json_text(type), space);
	switch (kind)
	{
		case AVRO_RECORD:
			return make_record(schema, json, space);
		case AVRO_ENUM:
			return make_enum(schema, json, space);
		case AVRO_FIXED:
			return make_fixed(schema, json, space);
		case AVRO_ARRAY:
		case AVRO_MAP:
			return make_collection(schema, kind, json, space);
		default:
			return add_type(schema, kind, json, 0);
	}
}

static const AvroType *
make_plain(AvroSchema *schema, const JsonNode *json, const char *space)
{
	AvroKind kind;

	if (!find_kind(json->text, &kind))
		return named_type(schema, json->text, space);
	return kind < AVRO_RECORD ? add_type(schema, kind, json, 0) : fails(schema, "a type lacks what it holds");
}

/* The depth is bounded by that of the JSON text. */
static const AvroType *
make_type(AvroSchema *schema, const JsonNode *json, const char *space)
{
	if (schema->fault || schema->count == MOST_TYPES)
		return fails(schema, "it has more than 100,000 types");
	if (json == NULL)
		return fails(schema, "a type is missing");
	switch (json->kind)
	{
		case JSON_TEXT:
			return make_plain(schema, json, space);
		case JSON_ARRAY:
			return make_union(schema, json, space);
		case JSON_OBJECT:
			return make_object(schema, json, space);
		default:
			return fails(schema, "a type is neither a name nor an object");
	}
}

/* ---- schemas ---- */

AvroSchema *
avro_schema_read(const char *text, size_t length, char *fault, size_t size)
{
	AvroSchema *schema = allocate(sizeof(AvroSchema));

	*schema = (AvroSchema){.tree = json_tree_read(text, length, fault, size)};
	if (schema->tree == NULL)
	{
		avro_schema_free(schema);
		return NULL;
	}
	schema->root = make_type(schema, json_tree_root(schema->tree), "");
	if (schema->fault == NULL)
		return schema;
	snprintf(fault, size, "%s", schema->fault);
	avro_schema_free(schema);
	return NULL;
}

void
avro_schema_free(AvroSchema *schema)
{
	for (int i = 0; i < schema->count; i++)
	{
		free(schema->types[i]->name);
		free(schema->types[i]->fields);
		free(schema->types[i]);
	}
	free(schema->types);
	free(schema->named);
	if (schema->tree)
		json_tree_free(schema->tree);
	free(schema);
}

const AvroType *
avro_schema_type(const AvroSchema *schema)
{
	return schema->root;
}

const char *
avro_logical_type(const AvroType *type)
{
	return json_member_text(type->json, "logicalType");
}

const AvroField *
avro_field(const AvroType *record, const char *name)
{
	for (int i = 0; record->kind == AVRO_RECORD && i < record->count; i++)
		if (strcmp(record->fields[i].name, name) == 0)
			return &record->fields[i];
	return NULL;
}

const AvroType *
avro_without_null(const AvroType *type)
{
	if (type->kind != AVRO_UNION || type->count != 2)
		return type;
	if (type->fields[0].type->kind == AVRO_NULL)
		return type->fields[1].type;
	return type->fields[1].type->kind == AVRO_NULL ? type->fields[0].type : type;
}
