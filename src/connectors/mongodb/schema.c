/*
 * schema.c — of a $jsonSchema: bsonType, properties, items, required, description and enum. A property that a
 * document must have is not null only if the server refuses documents without it.
 */
#include "connectors/mongodb/schema.h"

#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/mongodb/extended_json.h"
#include "connectors/mongodb/types.h"
#include "connectors/mongodb/value.h"

/* A schema of the server's is nested as its documents are. */
#define MOST_NESTING 100

static bool
find_document(const bson_t *from, const char *path, bson_iter_t *found)
{
	bson_iter_t members;

	return bson_iter_init(&members, from) && bson_iter_find_descendant(&members, path, found) &&
		   BSON_ITER_HOLDS_DOCUMENT(found);
}

static bool
find_member(const bson_iter_t *object, const char *name, bson_iter_t *found)
{
	return bson_iter_recurse(object, found) && bson_iter_find(found, name);
}

static bool
is_word(const bson_t *options, const char *name, const char *word)
{
	bson_iter_t value;

	return bson_iter_init_find(&value, options, name) && BSON_ITER_HOLDS_UTF8(&value) &&
		   strcmp(bson_iter_utf8(&value, NULL), word) == 0;
}

static bool
is_enforced(const bson_t *options)
{
	return !is_word(options, "validationAction", "warn") && !is_word(options, "validationLevel", "off") &&
		   !is_word(options, "validationLevel", "moderate");
}

/* ---- types ---- */

/* null: *is_nullable. */
static PathTypeSet
types_of_alias(const bson_iter_t *alias, bool *is_nullable)
{
	const char *name = BSON_ITER_HOLDS_UTF8(alias) ? bson_iter_utf8(alias, NULL) : "";
	MongoType type = mongo_type_named(name);

	*is_nullable |= strcmp(name, "null") == 0;
	if (strcmp(name, "number") == 0)
		return mongo_types.numbers;
	if (strcmp(name, "boolean") == 0)
		return PATH_TYPE(MONGO_BOOL);
	return type == MONGO_TYPES ? 0 : PATH_TYPE(type);
}

static PathTypeSet
types_of(const bson_iter_t *schema, bool *is_nullable)
{
	PathTypeSet types = 0;
	bson_iter_t alias;
	bson_iter_t items;

	if (!find_member(schema, "bsonType", &alias) && !find_member(schema, "type", &alias))
		return 0;
	if (!BSON_ITER_HOLDS_ARRAY(&alias))
		return types_of_alias(&alias, is_nullable);
	if (bson_iter_recurse(&alias, &items))
		while (bson_iter_next(&items))
			types |= types_of_alias(&items, is_nullable);
	return types;
}

static bool
is_required(const bson_iter_t *schema, const char *name)
{
	bson_iter_t required;
	bson_iter_t items;

	if (!find_member(schema, "required", &required) || !BSON_ITER_HOLDS_ARRAY(&required) ||
		!bson_iter_recurse(&required, &items))
		return false;
	while (bson_iter_next(&items))
		if (BSON_ITER_HOLDS_UTF8(&items) && strcmp(bson_iter_utf8(&items, NULL), name) == 0)
			return true;
	return false;
}

/* ---- what else is declared ---- */

/* Values that are no texts are shown by the check. */
static void
append_enum(WireBuffer *out, const bson_iter_t *values)
{
	bson_iter_t items;
	size_t start = out->length;
	bool is_first = true;

	if (!bson_iter_recurse(values, &items))
		return;
	document_literal(out, ",\"enum\":[");
	while (bson_iter_next(&items))
	{
		if (BSON_ITER_HOLDS_NULL(&items))
			continue;
		if (!BSON_ITER_HOLDS_UTF8(&items) || !is_utf8(bson_iter_utf8(&items, NULL)))
		{
			out->length = start;
			return;
		}
		wire_append_text(out, is_first ? "" : ",");
		document_string(out, bson_iter_utf8(&items, NULL));
		is_first = false;
	}
	document_literal(out, "]");
	if (is_first)
		out->length = start;
}

static char *
members_of(const bson_iter_t *schema, bool is_not_null)
{
	WireBuffer out = {.data = NULL};
	bson_iter_t member;
	char *text;

	if (is_not_null)
		document_literal(&out, ",\"not_null\":true");
	if (find_member(schema, "description", &member) && BSON_ITER_HOLDS_UTF8(&member))
	{
		document_literal(&out, ",\"comment\":");
		document_string(&out, bson_iter_utf8(&member, NULL));
	}
	if (find_member(schema, "enum", &member) && BSON_ITER_HOLDS_ARRAY(&member))
		append_enum(&out, &member);
	wire_append(&out, "", 1);
	if (out.failed)
		give_up_out_of_memory();
	text = out.length > 1 ? copy_text(out.data) : NULL;
	wire_free(&out);
	return text;
}

/* ---- paths ---- */

static void declare_value(Paths *paths, const bson_iter_t *schema, bool is_required_here,
						  bool is_enforced_here, int depth);

static void
declare_members(Paths *paths, const bson_iter_t *schema, bool is_enforced_here, int depth)
{
	bson_iter_t properties;
	bson_iter_t property;

	if (!find_member(schema, "properties", &properties) || !BSON_ITER_HOLDS_DOCUMENT(&properties) ||
		!bson_iter_recurse(&properties, &property))
		return;
	while (bson_iter_next(&property))
	{
		const char *name = bson_iter_key(&property);

		if (!BSON_ITER_HOLDS_DOCUMENT(&property) || !is_utf8(name))
			continue;
		paths_key(paths, name, strlen(name));
		declare_value(paths, &property, is_required(schema, name), is_enforced_here, depth + 1);
	}
}

/* Only what is in every element is declared of the element. */
static void
declare_elements(Paths *paths, const bson_iter_t *schema, bool is_enforced_here, int depth)
{
	bson_iter_t items;

	paths_array_begin(paths);
	if (find_member(schema, "items", &items) && BSON_ITER_HOLDS_DOCUMENT(&items))
		declare_value(paths, &items, false, is_enforced_here, depth + 1);
	paths_array_end(paths);
}

static void
declare_value(Paths *paths, const bson_iter_t *schema, bool is_required_here, bool is_enforced_here,
			  int depth)
{
	bool is_nullable = false;
	PathTypeSet types = types_of(schema, &is_nullable);
	bool is_not_null = is_required_here && is_enforced_here && !is_nullable && types != 0;

	paths_declare(paths, types, members_of(schema, is_not_null));
	if (depth >= MOST_NESTING || types == 0)
		return;
	if (types & PATH_TYPE(MONGO_OBJECT))
	{
		paths_object_begin(paths);
		declare_members(paths, schema, is_enforced_here, depth);
		paths_object_end(paths);
	}
	if (types & PATH_TYPE(MONGO_ARRAY))
		declare_elements(paths, schema, is_enforced_here, depth);
}

void
schema_declare(Paths *paths, const bson_t *options)
{
	bson_iter_t schema;

	if (!find_document(options, "validator.$jsonSchema", &schema))
		return;
	paths_object_begin(paths);
	declare_members(paths, &schema, is_enforced(options), 0);
	paths_object_end(paths);
}

void
schema_append_check(WireBuffer *out, const bson_t *options)
{
	bson_iter_t validator;

	if (!find_document(options, "validator", &validator))
		return;
	document_member(out, "checks");
	document_literal(out, "[{\"name\":\"validator\",\"definition\":");
	extended_json_append(out, &validator);
	if (!is_enforced(options))
		document_literal(out, ",\"not_enforced\":true");
	document_literal(out, "}]");
}
