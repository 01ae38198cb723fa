#include "connectors/iceberg/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/iceberg/type.h"

/* ---- which schema ---- */

const JsonNode *
iceberg_numbered(const JsonNode *array, const char *name, int64_t number)
{
	int64_t value;

	for (const JsonNode *node = array ? array->first : NULL; node; node = node->next)
		if (json_member_integer(node, name, &value) && value == number)
			return node;
	return NULL;
}

/* A view's schema is that of its present version. */
static bool
schema_number(const JsonNode *root, int64_t *number)
{
	int64_t version;

	if (json_member_integer(root, "current-schema-id", number))
		return true;
	return json_member_integer(root, "current-version-id", &version) &&
		   json_member_integer(iceberg_numbered(json_member(root, "versions"), "version-id", version),
							   "schema-id", number);
}

const JsonNode *
iceberg_schema(const IcebergMetadata *metadata)
{
	const JsonNode *root = metadata->root;
	const JsonNode *schema = json_member(root, "schema");
	int64_t number;

	if (json_member(root, "schemas"))
	{
		if (!schema_number(root, &number))
			iceberg_broken(metadata, "it does not say which schema is the present one");
		schema = iceberg_numbered(json_member(root, "schemas"), "schema-id", number);
	}
	if (json_member(schema, "fields") == NULL || json_member(schema, "fields")->kind != JSON_ARRAY)
		iceberg_broken(metadata, "the present schema is not there");
	return schema;
}

/* -1 is a snapshot that is not there. */
const JsonNode *
iceberg_snapshot(const IcebergMetadata *metadata)
{
	const JsonNode *snapshot;
	int64_t number = -1;

	if (json_member(metadata->root, "current-snapshot-id") &&
		!json_member_integer(metadata->root, "current-snapshot-id", &number))
		iceberg_broken(metadata, "the number of the present snapshot is none of 64 bits");
	if (number == -1)
		return NULL;
	snapshot = iceberg_numbered(json_member(metadata->root, "snapshots"), "snapshot-id", number);
	if (snapshot == NULL)
		iceberg_broken(metadata, "the present snapshot is not there");
	return snapshot;
}

/* ---- types ---- */

static const char *
pg_type_of(const JsonNode *type)
{
	return json_text(type) ? iceberg_pg_type(iceberg_kind(json_text(type))) : "jsonb";
}

bool
iceberg_type_is(const JsonNode *type, const char *kind)
{
	const char *name = json_member_text(type, "type");

	return name && strcmp(name, kind) == 0;
}

typedef struct Walk
{
	const IcebergMetadata *metadata;
	WireBuffer *out;
} Walk;

static void
check_depth(const Walk *walk, int depth)
{
	if (depth > MOST_ICEBERG_DEPTH)
		iceberg_broken(walk->metadata, "its types are nested in more than 20 levels");
}

static void write_type(const Walk *walk, const JsonNode *type, int depth);

static void
write_struct(const Walk *walk, const JsonNode *type, int depth)
{
	const JsonNode *fields = json_member(type, "fields");

	wire_append_text(walk->out, "struct<");
	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
	{
		const char *name = json_member_text(field, "name");

		if (field != fields->first)
			wire_append_text(walk->out, ", ");
		wire_append_text(walk->out, name ? name : "");
		wire_append_text(walk->out, ": ");
		write_type(walk, json_member(field, "type"), depth + 1);
	}
	wire_append_text(walk->out, ">");
}

static void
write_type(const Walk *walk, const JsonNode *type, int depth)
{
	check_depth(walk, depth);
	if (json_text(type))
		wire_append_text(walk->out, json_text(type));
	else if (iceberg_type_is(type, "struct"))
		write_struct(walk, type, depth);
	else if (iceberg_type_is(type, "list"))
	{
		wire_append_text(walk->out, "list<");
		write_type(walk, json_member(type, "element"), depth + 1);
		wire_append_text(walk->out, ">");
	}
	else if (iceberg_type_is(type, "map"))
	{
		wire_append_text(walk->out, "map<");
		write_type(walk, json_member(type, "key"), depth + 1);
		wire_append_text(walk->out, ", ");
		write_type(walk, json_member(type, "value"), depth + 1);
		wire_append_text(walk->out, ">");
	}
	else
		iceberg_broken(walk->metadata, "a field has a type that is not known");
}

static char *
type_text(const IcebergMetadata *metadata, const JsonNode *type)
{
	WireBuffer text = {.data = NULL};

	write_type(&(Walk){.metadata = metadata, .out = &text}, type, 1);
	wire_append(&text, "", 1);
	if (text.failed)
		give_up_out_of_memory();
	return text.data;
}

/* ---- columns ---- */

/* A list is told as its element, repeated. */
static const JsonNode *
element_of(const JsonNode *type)
{
	return iceberg_type_is(type, "list") ? json_member(type, "element") : type;
}

static void
write_default(WireBuffer *out, const JsonNode *field)
{
	const JsonNode *value = json_member(field, "write-default");

	if (value == NULL)
		value = json_member(field, "initial-default");
	if (value == NULL)
		return;
	if (value->kind == JSON_TEXT || value->kind == JSON_NUMBER)
		document_text(out, "default", value->text);
	else if (value->kind == JSON_TRUE || value->kind == JSON_FALSE)
		document_text(out, "default", value->kind == JSON_TRUE ? "true" : "false");
}

static void write_fields(const Walk *walk, const JsonNode *type, int depth);

/* Everything of a field but its name and type. */
static void
write_members(const Walk *walk, const JsonNode *field, const JsonNode *type, int64_t id, int depth)
{
	char number[24];

	snprintf(number, sizeof(number), "%" PRId64, id);
	document_text(walk->out, "id", number);
	document_text(walk->out, "comment", json_member_text(field, "doc"));
	write_default(walk->out, field);
	document_flag(walk->out, "repeated", iceberg_type_is(type, "list"));
	write_fields(walk, element_of(type), depth);
}

static void
write_field(const Walk *walk, const JsonNode *field, const char *name, const JsonNode *type, int64_t id,
			bool is_required, int depth)
{
	char *text;

	check_depth(walk, depth);
	text = type_text(walk->metadata, element_of(type));
	document_literal(walk->out, "{");
	document_text(walk->out, "name", name);
	document_text(walk->out, "type", text);
	document_text(walk->out, "pg_type", pg_type_of(type));
	document_flag(walk->out, "not_null", is_required);
	write_members(walk, field, type, id, depth + 1);
	document_literal(walk->out, "}");
	free(text);
}

static int64_t
member_id(const Walk *walk, const JsonNode *object, const char *name)
{
	int64_t id;

	if (!json_member_integer(object, name, &id))
		iceberg_broken(walk->metadata, "a field has no id");
	return id;
}

static const char *
member_name(const Walk *walk, const JsonNode *field)
{
	const char *name = json_member_text(field, "name");

	if (name == NULL || name[0] == '\0')
		iceberg_broken(walk->metadata, "a field has no name");
	return name;
}

static void
write_map(const Walk *walk, const JsonNode *type, int depth)
{
	bool is_open = false;

	document_element(walk->out, "fields", is_open);
	write_field(walk, NULL, "key", json_member(type, "key"), member_id(walk, type, "key-id"), true, depth);
	document_element(walk->out, "fields", is_open);
	write_field(walk, NULL, "value", json_member(type, "value"), member_id(walk, type, "value-id"),
				json_member_is_true(type, "value-required"), depth);
	document_end_elements(walk->out, is_open);
}

static void
write_fields(const Walk *walk, const JsonNode *type, int depth)
{
	const JsonNode *fields = json_member(type, "fields");
	bool is_open = false;

	if (iceberg_type_is(type, "map"))
		write_map(walk, type, depth);
	if (!iceberg_type_is(type, "struct"))
		return;
	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
	{
		document_element(walk->out, "fields", is_open);
		write_field(walk, field, member_name(walk, field), json_member(field, "type"),
					member_id(walk, field, "id"), json_member_is_true(field, "required"), depth);
	}
	document_end_elements(walk->out, is_open);
}

static char *
further_members(const IcebergMetadata *metadata, const JsonNode *field)
{
	WireBuffer more = {.data = NULL};
	Walk walk = {.metadata = metadata, .out = &more};

	document_literal(&more, "{");
	write_members(&walk, field, json_member(field, "type"), member_id(&walk, field, "id"), 2);
	wire_append(&more, "", 1);
	if (more.failed)
		give_up_out_of_memory();
	more.data[0] = ',';
	return more.data;
}

static bool
may_have_categories(const JsonNode *type)
{
	const char *text = json_text(type);

	return text && (strcmp(text, "string") == 0 || strcmp(text, "boolean") == 0);
}

void
iceberg_add_columns(FileRelation *relation, const IcebergMetadata *metadata, const JsonNode *schema)
{
	const JsonNode *fields = json_member(schema, "fields");
	Walk walk = {.metadata = metadata};

	if (fields->count > MOST_ICEBERG_COLUMNS)
		iceberg_broken(metadata, "it has more than 10,000 columns");
	for (const JsonNode *field = fields->first; field; field = field->next)
	{
		const JsonNode *type = json_member(field, "type");
		FileColumn *column = relation_add_column(relation);

		column->name = copy_text(member_name(&walk, field));
		column->type = type_text(metadata, element_of(type));
		column->pg_type = pg_type_of(type);
		column->not_null = json_member_is_true(field, "required");
		column->may_have_categories = may_have_categories(type);
		column->more = further_members(metadata, field);
	}
}

/* ---- paths ---- */

/* A name with a character that means something in a path is written in quotes. */
static void
append_step(WireBuffer *out, size_t start, const char *name)
{
	if (out->length > start)
		wire_append(out, ".", 1);
	if (name[strcspn(name, ".[]{}\"")] == '\0')
	{
		wire_append_text(out, name);
		return;
	}
	wire_append(out, "\"", 1);
	for (; *name; name++)
		wire_append(out, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
	wire_append(out, "\"", 1);
}

static bool
append_path(WireBuffer *out, size_t start, const JsonNode *type, int64_t id, int depth)
{
	const JsonNode *fields = json_member(type, "fields");
	size_t length = out->length;
	int64_t number;

	if (depth > MOST_ICEBERG_DEPTH)
		return false;
	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
	{
		const char *name = json_member_text(field, "name");

		append_step(out, start, name ? name : "");
		if ((json_member_integer(field, "id", &number) && number == id) ||
			append_path(out, start, json_member(field, "type"), id, depth + 1))
			return true;
		out->length = length;
	}
	return false;
}

bool
iceberg_field_path(WireBuffer *out, const JsonNode *schema, int64_t id)
{
	return append_path(out, out->length, schema, id, 1);
}
