#include "connectors/delta_lake/plan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/memory.h"
#include "connectors/delta_lake/schema.h"
#include "connectors/delta_lake/stored_type.h"

/* What a shape is made of. */
typedef struct Making
{
	const Schema *schema;
	bool by_id;
	const char **refusal;
} Making;

/* ---- which field is which ---- */

static bool
has_ids(const Schema *schema, const int *nodes, int count)
{
	for (int i = 0; i < count; i++)
		if (schema->nodes[nodes[i]].element->has_id)
			return true;
	return false;
}

static int
find_id(const Schema *schema, const int *nodes, int count, int64_t id)
{
	for (int i = 0; i < count; i++)
	{
		const SchemaElement *element = schema->nodes[nodes[i]].element;

		if (element->has_id && element->id == id)
			return i;
	}
	return -1;
}

/* Names that differ in case only are the same to the writers. */
static int
find_name(const Schema *schema, const int *nodes, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(schema->nodes[nodes[i]].element->name, name) == 0)
			return i;
	for (int i = 0; i < count; i++)
		if (strcasecmp(schema->nodes[nodes[i]].element->name, name) == 0)
			return i;
	return -1;
}

int
delta_plan_find(const Schema *schema, const int *nodes, int count, const JsonNode *field, bool by_id)
{
	int64_t id;

	if (by_id && delta_field_id(field, &id) && has_ids(schema, nodes, count))
		return find_id(schema, nodes, count, id);
	return find_name(schema, nodes, count, delta_field_physical_name(field));
}

/* ---- making ---- */

static Shape *make(const Making *making, const JsonNode *type, int node);

static Shape *
refuse(const Making *making, const char *refusal)
{
	*making->refusal = refusal;
	return NULL;
}

#define OTHER_TYPE "it has another type in this file than in the table"

/* Takes what is below the shape. Frees the shape, and returns NULL, if it could not be made. */
static Shape *
take(Shape *shape, Shape **place, Shape *below)
{
	if (shape == NULL)
		return NULL;
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
make_value(const Making *making, const char *type, int node)
{
	Shape *shape;
	Conversion conversion;

	if (strcmp(type, "variant") == 0 || schema_shape(making->schema, node) == SHAPE_VARIANT)
		return refuse(making, "values of the type variant are not read");
	if (schema_shape(making->schema, node) != SHAPE_VALUE ||
		!delta_stored_type(&conversion, type, making->schema->nodes[node].element))
		return refuse(making, OTHER_TYPE);
	shape = lake_shape(SHAPED_VALUE, 0);
	shape->conversion = conversion;
	shape->is_plain = conversion.kind == CONVERT_NOT;
	return shape;
}

/* A repeated node that stands in no list is one itself. */
static Shape *
make_list(const Making *making, const JsonNode *type, int node)
{
	const Schema *schema = making->schema;
	Shape *shape;
	int element = node;

	if (schema_shape(schema, node) == SHAPE_LIST)
		element = schema_list_element(schema, node);
	else if (schema->nodes[node].element->repetition != REPEATED)
		return refuse(making, OTHER_TYPE);
	shape = lake_shape(SHAPED_LIST, 0);
	return take(shape, &shape->element, make(making, json_member(type, "elementType"), element));
}

static Shape *
make_map(const Making *making, const JsonNode *type, int node)
{
	const Schema *schema = making->schema;
	Shape *shape;

	if (schema_shape(schema, node) != SHAPE_MAP || schema_map_value(schema, node) < 0)
		return refuse(making, OTHER_TYPE);
	shape = lake_shape(SHAPED_MAP, 0);
	shape = take(shape, &shape->key, make(making, json_member(type, "keyType"), schema_map_key(node)));
	if (shape == NULL)
		return NULL;
	return take(shape, &shape->element,
				make(making, json_member(type, "valueType"), schema_map_value(schema, node)));
}

static int *
children_of(const Schema *schema, int node, int *count)
{
	int *children = allocate((size_t) (schema->nodes[node].element->child_count + 1) * sizeof(int));

	*count = 0;
	for (int child = node + 1; child < schema->nodes[node].end; child = schema_next(schema, child))
		children[(*count)++] = child;
	return children;
}

/* Takes the field from its place among the file's. Returns false if it cannot be read. */
static bool
make_field(const Making *making, Shape *shape, const JsonNode *field, const int *children, int count)
{
	int found = delta_plan_find(making->schema, children, count, field, making->by_id);
	ShapeField *made = &shape->fields[shape->count];

	*made = (ShapeField){.name = delta_field_name(field)};
	if (found >= 0)
	{
		made->stored = making->schema->nodes[children[found]].element->name;
		made->shape = make(making, json_member(field, "type"), children[found]);
		if (made->shape == NULL)
			return false;
	}
	shape->is_plain = shape->is_plain && found == shape->count && made->shape->is_plain &&
					  strcmp(made->name, made->stored) == 0;
	shape->count++;
	return true;
}

static Shape *
make_structure(const Making *making, const JsonNode *type, int node)
{
	const JsonNode *fields = json_member(type, "fields");
	Shape *shape;
	int count;
	int *children;
	bool is_made = true;

	if (schema_shape(making->schema, node) != SHAPE_STRUCTURE)
		return refuse(making, OTHER_TYPE);
	shape = lake_shape(SHAPED_STRUCTURE, fields ? fields->count : 0);
	children = children_of(making->schema, node, &count);
	for (const JsonNode *field = fields ? fields->first : NULL; field && is_made; field = field->next)
		is_made = make_field(making, shape, field, children, count);
	shape->is_plain = shape->is_plain && shape->count == count;
	free(children);
	if (is_made)
		return shape;
	lake_shape_free(shape);
	return NULL;
}

static Shape *
make(const Making *making, const JsonNode *type, int node)
{
	if (json_text(type))
		return make_value(making, json_text(type), node);
	if (delta_type_is(type, "array"))
		return make_list(making, type, node);
	if (delta_type_is(type, "map"))
		return make_map(making, type, node);
	return make_structure(making, type, node);
}

Shape *
delta_plan(const JsonNode *type, const Schema *schema, int node, bool by_id, const char **refusal)
{
	return make(&(Making){.schema = schema, .by_id = by_id, .refusal = refusal}, type, node);
}
