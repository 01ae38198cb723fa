#include "connectors/http_api/shape.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

#define MOST_DEPTH      64
#define MOST_PROPERTIES 2000

typedef struct Making
{
	Shape *shape;
	Api *api;
	ShapeWalk *walk;
	const ShapeLink *outside; /* where the shape begins: that link and those above are of others */
	const ShapeLink *above;   /* of the present schema */
	const JsonNode **seen;    /* the schemas that were referred to */
	int seen_count;
	const char **required;
	int required_count;
} Making;

static void
add_below(Schemas *schemas, ApiPlace place, const ShapeLink *above)
{
	schemas->items = reallocate(schemas->items, (size_t) (schemas->count + 1) * sizeof(Schema));
	schemas->items[schemas->count++] = (Schema){.place = place, .above = above};
}

void
schemas_add(Schemas *schemas, ApiPlace place)
{
	add_below(schemas, place, NULL);
}

void
schemas_free(Schemas *schemas)
{
	free(schemas->items);
	*schemas = (Schemas){0};
}

static ApiPlace
beside(ApiPlace place, const JsonNode *node)
{
	return (ApiPlace){.document = place.document, .node = node};
}

/* ---- types ---- */

static void
add_type(Shape *shape, const char *name)
{
	static const char *const names[] = {
		[SHAPE_OBJECT] = "object",   [SHAPE_ARRAY] = "array",   [SHAPE_STRING] = "string",
		[SHAPE_INTEGER] = "integer", [SHAPE_NUMBER] = "number", [SHAPE_BOOLEAN] = "boolean"};

	if (strcmp(name, "null") == 0)
		shape->is_nullable = true;
	for (int i = 0; i < SHAPE_TYPES; i++)
		if (strcmp(names[i], name) == 0)
			shape->types |= SHAPE(i);
}

static void
add_type_of_value(Shape *shape, const JsonNode *value)
{
	static const unsigned types[] = {
		[JSON_NULL] = 0,
		[JSON_FALSE] = SHAPE(SHAPE_BOOLEAN),
		[JSON_TRUE] = SHAPE(SHAPE_BOOLEAN),
		[JSON_NUMBER] = SHAPE(SHAPE_NUMBER),
		[JSON_TEXT] = SHAPE(SHAPE_STRING),
		[JSON_ARRAY] = SHAPE(SHAPE_ARRAY),
		[JSON_OBJECT] = SHAPE(SHAPE_OBJECT),
	};

	shape->types |= types[value->kind];
}

static void
take_enumeration(Making *making, const JsonNode *node, bool has_type)
{
	const JsonNode *values = json_member(node, "enum");
	Shape *shape = making->shape;

	if (values == NULL || values->kind != JSON_ARRAY)
		values = json_member(node, "const");
	if (values == NULL)
		return;
	if (shape->enumeration == NULL)
		shape->enumeration = values;
	if (values->kind != JSON_ARRAY && !has_type)
		add_type_of_value(shape, values);
	for (const JsonNode *each = values->kind == JSON_ARRAY ? values->first : NULL; each; each = each->next)
		if (each->kind == JSON_NULL)
			shape->is_nullable = true;
		else if (!has_type)
			add_type_of_value(shape, each);
}

static bool
take_types(Making *making, const JsonNode *node)
{
	const JsonNode *type = json_member(node, "type");
	Shape *shape = making->shape;

	if (json_text(type) != NULL)
		add_type(shape, type->text);
	for (const JsonNode *each = type && type->kind == JSON_ARRAY ? type->first : NULL; each;
		 each = each->next)
		if (json_text(each) != NULL)
			add_type(shape, each->text);
	shape->is_nullable |= json_member_is_true(node, "nullable") || json_member_is_true(node, "x-nullable");
	if (type == NULL && json_member(node, "properties") != NULL)
		shape->types |= SHAPE(SHAPE_OBJECT);
	if (type == NULL && (json_member(node, "items") != NULL || json_member(node, "prefixItems") != NULL))
		shape->types |= SHAPE(SHAPE_ARRAY);
	return type != NULL;
}

/* ---- members ---- */

static ShapeProperty *
property(Shape *shape, const char *name, bool is_of_alternative)
{
	for (int i = 0; i < shape->property_count; i++)
		if (strcmp(shape->properties[i].name, name) == 0)
			return &shape->properties[i];
	if (shape->property_count >= MOST_PROPERTIES)
		return NULL;
	shape->properties =
		reallocate(shape->properties, (size_t) (shape->property_count + 1) * sizeof(ShapeProperty));
	shape->properties[shape->property_count] =
		(ShapeProperty){.name = name, .is_of_alternative = is_of_alternative};
	return &shape->properties[shape->property_count++];
}

static void
take_properties(Making *making, ApiPlace place, bool is_alternative)
{
	const JsonNode *properties = json_member(place.node, "properties");
	const JsonNode *required = json_member(place.node, "required");

	if (properties == NULL || properties->kind != JSON_OBJECT)
		properties = NULL;
	for (const JsonNode *each = properties ? properties->first : NULL; each; each = each->next)
	{
		ShapeProperty *known =
			each->name[0] != '\0' ? property(making->shape, each->name, is_alternative) : NULL;

		if (known != NULL)
		{
			known->is_of_alternative &= is_alternative;
			add_below(&known->schemas, beside(place, each), making->above);
		}
	}
	if (required == NULL || required->kind != JSON_ARRAY || is_alternative)
		return;
	making->required = reallocate(making->required, (size_t) (making->required_count + required->count + 1) *
														sizeof(const char *));
	for (const JsonNode *each = required->first; each; each = each->next)
		if (json_text(each) != NULL)
			making->required[making->required_count++] = each->text;
}

static void
take_contents(Making *making, ApiPlace place)
{
	Shape *shape = making->shape;
	const JsonNode *elements = json_member(place.node, "items");
	const JsonNode *first = json_member(place.node, "prefixItems");
	const JsonNode *values = json_member(place.node, "additionalProperties");
	const JsonNode *patterns = json_member(place.node, "patternProperties");

	if (elements != NULL && elements->kind == JSON_OBJECT)
		add_below(&shape->elements, beside(place, elements), making->above);
	for (const JsonNode *each = first && first->kind == JSON_ARRAY ? first->first : NULL; each;
		 each = each->next)
		add_below(&shape->elements, beside(place, each), making->above);
	if (values != NULL && values->kind == JSON_OBJECT && values->count > 0)
		add_below(&shape->values, beside(place, values), making->above);
	for (const JsonNode *each = patterns && patterns->kind == JSON_OBJECT ? patterns->first : NULL; each;
		 each = each->next)
		add_below(&shape->values, beside(place, each), making->above);
	if (shape->values.count > 0 && json_member(place.node, "type") == NULL)
		shape->types |= SHAPE(SHAPE_OBJECT);
}

static void
take_words(Shape *shape, const JsonNode *node)
{
	const JsonNode *fallback = json_member(node, "default");

	if (shape->format == NULL)
		shape->format = json_member_text(node, "format");
	if (shape->description == NULL)
		shape->description = json_member_text(node, "description");
	if (shape->fallback == NULL)
		shape->fallback = fallback;
	shape->is_write_only |= json_member_is_true(node, "writeOnly");
	shape->is_read_only |= json_member_is_true(node, "readOnly");
	shape->is_deprecated |= json_member_is_true(node, "deprecated");
}

/* ---- schemas ---- */

static void add(Making *making, ApiPlace place, int depth, bool is_alternative);

static const char *
name_of_reference(const char *reference)
{
	const char *slash = strrchr(reference, '/');

	return slash && slash[1] != '\0' ? slash + 1 : reference;
}

/* Is the node one in which the whole shape stands? */
static bool
is_outside(const Making *making, const JsonNode *node)
{
	for (const ShapeLink *link = making->outside; link; link = link->above)
		if (link->node == node)
			return true;
	return false;
}

static bool
is_seen(const Making *making, const JsonNode *node)
{
	for (int i = 0; i < making->seen_count; i++)
		if (making->seen[i] == node)
			return true;
	return false;
}

/* What is within the schema stands in it; what is beside it, as another part of allOf, does not. */
static void
add_within(Making *making, ApiPlace place, int depth, bool is_alternative)
{
	const ShapeLink *above = making->above;
	ShapeLink *link = allocate(sizeof(ShapeLink));

	*link = (ShapeLink){.node = place.node, .above = above, .next = making->walk->links};
	making->walk->links = link;
	making->seen = reallocate(making->seen, (size_t) (making->seen_count + 1) * sizeof(const JsonNode *));
	making->seen[making->seen_count++] = place.node;
	making->above = link;
	add(making, place, depth + 1, is_alternative);
	making->above = above;
}

static void
add_referred(Making *making, ApiPlace place, int depth, bool is_alternative)
{
	const char *reference = json_member_text(place.node, "$ref");
	ApiPlace there = api_follow_once(making->api, place);

	if (there.node == NULL || is_seen(making, there.node))
		return;
	if (!is_outside(making, there.node))
	{
		add_within(making, there, depth, is_alternative);
		return;
	}
	making->shape->repeats = name_of_reference(reference);
	if (!take_types(making, there.node))
		making->shape->types |= SHAPE(SHAPE_OBJECT);
}

static bool
is_null_alone(const JsonNode *schema)
{
	const char *type = json_member_text(schema, "type");

	return type != NULL && strcmp(type, "null") == 0;
}

/* Of one alternative beside null all holds; of several, what one has may be missing in the value. */
static void
add_alternatives(Making *making, ApiPlace place, const char *name, int depth, bool is_alternative)
{
	const JsonNode *list = json_member(place.node, name);
	int count = 0;

	if (list == NULL || list->kind != JSON_ARRAY)
		return;
	for (const JsonNode *each = list->first; each; each = each->next)
		count += !is_null_alone(each);
	making->shape->is_nullable |= count < list->count;
	for (const JsonNode *each = list->first; each; each = each->next)
		if (!is_null_alone(each))
			add(making, beside(place, each), depth + 1, is_alternative || count > 1);
}

static void
add_parts(Making *making, ApiPlace place, int depth, bool is_alternative)
{
	const JsonNode *list = json_member(place.node, "allOf");

	for (const JsonNode *each = list && list->kind == JSON_ARRAY ? list->first : NULL; each;
		 each = each->next)
		add(making, beside(place, each), depth + 1, is_alternative);
}

static void
add(Making *making, ApiPlace place, int depth, bool is_alternative)
{
	bool is_reference = json_member_text(place.node, "$ref") != NULL;
	bool has_type;

	if (place.node == NULL || place.node->kind != JSON_OBJECT || depth > MOST_DEPTH ||
		making->walk->steps++ > MOST_SHAPE_STEPS)
		return;
	/* Before 3.1 nothing beside a reference counts. */
	if (!is_reference || making->api->version == OPENAPI_3_1)
	{
		take_words(making->shape, place.node);
		has_type = take_types(making, place.node);
		take_enumeration(making, place.node, has_type || is_reference);
		take_properties(making, place, is_alternative);
		take_contents(making, place);
		add_parts(making, place, depth, is_alternative);
		add_alternatives(making, place, "oneOf", depth, is_alternative);
		add_alternatives(making, place, "anyOf", depth, is_alternative);
	}
	if (is_reference)
		add_referred(making, place, depth, is_alternative);
}

static void
mark_required(Making *making)
{
	Shape *shape = making->shape;

	for (int i = 0; i < shape->property_count; i++)
		for (int j = 0; j < making->required_count && !shape->properties[i].is_required; j++)
			shape->properties[i].is_required = strcmp(shape->properties[i].name, making->required[j]) == 0;
}

void
shape_make(Shape *shape, Api *api, const Schemas *schemas, ShapeWalk *walk)
{
	Making making = {.shape = shape, .api = api, .walk = walk};

	*shape = (Shape){0};
	for (int i = 0; i < schemas->count; i++)
	{
		making.outside = making.above = schemas->items[i].above;
		add(&making, schemas->items[i].place, 0, false);
	}
	mark_required(&making);
	free(making.required);
	free(making.seen);
}

void
shape_walk_end(ShapeWalk *walk)
{
	while (walk->links != NULL)
	{
		ShapeLink *next = walk->links->next;

		free(walk->links);
		walk->links = next;
	}
}

void
shape_free(Shape *shape)
{
	for (int i = 0; i < shape->property_count; i++)
		schemas_free(&shape->properties[i].schemas);
	free(shape->properties);
	schemas_free(&shape->elements);
	schemas_free(&shape->values);
}
