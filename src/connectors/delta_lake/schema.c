#include "connectors/delta_lake/schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/buffer_text.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

static void broken(const char *what) __attribute__((noreturn));

static void
broken(const char *what)
{
	delta_broken("schemaString", what);
}

/* ---- fields ---- */

const char *
delta_field_name(const JsonNode *field)
{
	const char *name = json_member_text(field, "name");

	if (name == NULL || name[0] == '\0')
		broken("a field has no name");
	return name;
}

static const JsonNode *
metadata_of(const JsonNode *field)
{
	return json_member(field, "metadata");
}

const char *
delta_field_physical_name(const JsonNode *field)
{
	const char *name = json_member_text(metadata_of(field), "delta.columnMapping.physicalName");

	return name ? name : delta_field_name(field);
}

bool
delta_field_id(const JsonNode *field, int64_t *id)
{
	return json_member_integer(metadata_of(field), "delta.columnMapping.id", id);
}

bool
delta_is_partition(const DeltaSnapshot *snapshot, const JsonNode *field)
{
	const JsonNode *columns = json_member(snapshot->metadata, "partitionColumns");

	for (const JsonNode *column = columns ? columns->first : NULL; column; column = column->next)
		if (json_text(column) && strcmp(json_text(column), delta_field_name(field)) == 0)
			return true;
	return false;
}

static bool
is_nullable(const JsonNode *object, const char *member)
{
	const JsonNode *flag = json_member(object, member);

	return flag == NULL || flag->kind != JSON_FALSE;
}

/* ---- types ---- */

static const struct
{
	const char *type; /* up to a bracket or a space */
	const char *pg_type;
} types[] = {{"string", NULL},
			 {"byte", "smallint"},
			 {"short", "smallint"},
			 {"integer", "integer"},
			 {"long", "bigint"},
			 {"float", "real"},
			 {"double", "double precision"},
			 {"decimal", "numeric"},
			 {"boolean", "boolean"},
			 {"binary", "bytea"},
			 {"date", "date"},
			 {"timestamp", "timestamp with time zone"},
			 {"timestamp_ntz", "timestamp without time zone"},
			 {"variant", "jsonb"}};

const char *
delta_pg_type(const JsonNode *type)
{
	const char *text = json_text(type);
	size_t length = text ? strcspn(text, "( ") : 0;

	if (text == NULL)
		return "jsonb";
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strlen(types[i].type) == length && strncmp(types[i].type, text, length) == 0)
			return types[i].pg_type;
	return NULL;
}

bool
delta_type_is(const JsonNode *type, const char *kind)
{
	const char *name = json_member_text(type, "type");

	return name && strcmp(name, kind) == 0;
}

static void
check_depth(int depth)
{
	if (depth > MOST_DELTA_DEPTH)
		broken("its types are nested in more than 20 levels");
}

static void write_type(WireBuffer *out, const JsonNode *type, int depth);

static void
write_struct(WireBuffer *out, const JsonNode *type, int depth)
{
	const JsonNode *fields = json_member(type, "fields");

	wire_append_text(out, "struct<");
	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
	{
		if (field != fields->first)
			wire_append_text(out, ",");
		wire_append_text(out, delta_field_name(field));
		wire_append_text(out, ":");
		write_type(out, json_member(field, "type"), depth + 1);
	}
	wire_append_text(out, ">");
}

static void
write_type(WireBuffer *out, const JsonNode *type, int depth)
{
	check_depth(depth);
	if (json_text(type))
		wire_append_text(out, json_text(type));
	else if (delta_type_is(type, "struct"))
		write_struct(out, type, depth);
	else if (delta_type_is(type, "array"))
	{
		wire_append_text(out, "array<");
		write_type(out, json_member(type, "elementType"), depth + 1);
		wire_append_text(out, ">");
	}
	else if (delta_type_is(type, "map"))
	{
		wire_append_text(out, "map<");
		write_type(out, json_member(type, "keyType"), depth + 1);
		wire_append_text(out, ",");
		write_type(out, json_member(type, "valueType"), depth + 1);
		wire_append_text(out, ">");
	}
	else
		broken("a field has a type that is not known");
}

/* A list is told as its element, repeated. */
static const JsonNode *
element_of(const JsonNode *type)
{
	return delta_type_is(type, "array") ? json_member(type, "elementType") : type;
}

/* Texts of a length are strings whose field says so. */
static char *
type_text(const JsonNode *field, const JsonNode *type)
{
	const char *declared = json_member_text(metadata_of(field), "__CHAR_VARCHAR_TYPE_STRING");
	WireBuffer text = {.data = NULL};

	if (declared && json_text(type))
		return copy_text(declared);
	write_type(&text, element_of(type), 1);
	return buffer_take_text(&text);
}

/* ---- members of a column ---- */

static void write_fields(WireBuffer *out, const JsonNode *type, int depth);

static void
write_id(WireBuffer *out, const JsonNode *field)
{
	char number[24];
	int64_t id;

	if (!delta_field_id(field, &id))
		return;
	snprintf(number, sizeof(number), "%" PRId64, id);
	document_text(out, "id", number);
}

static void
write_origin(WireBuffer *out, const JsonNode *field)
{
	const JsonNode *metadata = metadata_of(field);
	const char *expression = json_member_text(metadata, "delta.generationExpression");
	const char *fixed = json_member_text(metadata, "CURRENT_DEFAULT");

	document_text(out, "default", fixed);
	if (json_member(metadata, "delta.identity.start"))
		document_text(out, "identity",
					  json_member_is_true(metadata, "delta.identity.allowExplicitInsert") ? "by default"
																						  : "always");
	if (expression)
	{
		document_text(out, "generated", "stored");
		document_text(out, "expression", expression);
	}
}

/* Everything of a field but its name and type. */
static void
write_members(WireBuffer *out, const JsonNode *field, const JsonNode *type, int depth)
{
	write_id(out, field);
	write_origin(out, field);
	if (field)
		document_text(
			out, "collation",
			json_member_text(json_member(metadata_of(field), "__COLLATIONS"), delta_field_name(field)));
	document_text(out, "comment", json_member_text(metadata_of(field), "comment"));
	document_flag(out, "repeated", delta_type_is(type, "array"));
	write_fields(out, element_of(type), depth);
}

/* field: NULL for the key or the value of a map. */
static void
write_field(WireBuffer *out, const JsonNode *field, const char *name, const JsonNode *type, bool is_nullable,
			int depth)
{
	char *text;

	check_depth(depth);
	text = type_text(field, type);
	document_literal(out, "{");
	document_text(out, "name", name);
	document_text(out, "type", text);
	document_text(out, "pg_type", delta_pg_type(type));
	document_flag(out, "not_null", !is_nullable);
	write_members(out, field, type, depth + 1);
	document_literal(out, "}");
	free(text);
}

static void
write_fields(WireBuffer *out, const JsonNode *type, int depth)
{
	const JsonNode *fields = json_member(type, "fields");
	bool is_open = false;

	if (delta_type_is(type, "map"))
	{
		document_element(out, "fields", is_open);
		write_field(out, NULL, "key", json_member(type, "keyType"), false, depth);
		document_element(out, "fields", is_open);
		write_field(out, NULL, "value", json_member(type, "valueType"),
					is_nullable(type, "valueContainsNull"), depth);
		document_end_elements(out, is_open);
	}
	if (!delta_type_is(type, "struct"))
		return;
	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
	{
		document_element(out, "fields", is_open);
		write_field(out, field, delta_field_name(field), json_member(field, "type"),
					is_nullable(field, "nullable"), depth);
	}
	document_end_elements(out, is_open);
}

/* ---- columns ---- */

static char *
further_members(const JsonNode *field)
{
	WireBuffer more = {.data = NULL};

	document_literal(&more, "{");
	write_members(&more, field, json_member(field, "type"), 2);
	if (!more.failed && more.length > 0)
		more.data[0] = more.length > 1 ? ',' : '\0';
	return buffer_take_text(&more);
}

static bool
may_have_categories(const JsonNode *type)
{
	const char *text = json_text(type);

	return text && (strncmp(text, "string", 6) == 0 || strcmp(text, "boolean") == 0);
}

void
delta_add_columns(FileRelation *relation, const DeltaSnapshot *snapshot)
{
	const JsonNode *fields = snapshot->fields;

	if (fields && fields->count > MOST_DELTA_COLUMNS)
		broken("it has more than 10,000 columns");
	for (const JsonNode *field = fields ? fields->first : NULL; field; field = field->next)
	{
		const JsonNode *type = json_member(field, "type");
		FileColumn *column = relation_add_column(relation);

		column->name = copy_text(delta_field_name(field));
		column->type = type_text(field, type);
		column->pg_type = delta_pg_type(type);
		column->not_null = !is_nullable(field, "nullable");
		column->may_have_categories = may_have_categories(type);
		column->more = further_members(field);
	}
}
