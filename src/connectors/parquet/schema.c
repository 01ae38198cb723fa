#include "connectors/parquet/schema.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/parquet/types.h"

static void
check_element(const Schema *schema, const SchemaElement *element, bool is_root)
{
	const StoredFile *file = schema->footer->file;

	if (element->name == NULL)
		give_up_damaged(file, "An element of its schema has no name");
	if (element->child_count < 0 || element->physical < PHYSICAL_NONE || element->physical > PHYSICAL_FIXED)
		give_up_damaged(file, "An element of its schema has a type that cannot be");
	if (element->physical != PHYSICAL_NONE && is_root)
		give_up_damaged(file, "The root of its schema is a value");
	if ((int) element->repetition < REQUIRED || element->repetition > REPEATED)
		give_up_damaged(file, "An element of its schema has a repetition that cannot be");
	if (!type_is_possible(element))
		give_up_damaged(file, "An element of its schema has a length or precision that cannot be");
}

/* Makes the node and those below it. Returns the number behind them. */
static int
make_node(Schema *schema, int number, const SchemaNode *parent, int depth)
{
	const SchemaElement *element = &schema->footer->elements[number];
	SchemaNode *node = &schema->nodes[number];
	int next = number + 1;

	check_element(schema, element, parent == NULL);
	if (depth > MOST_SCHEMA_DEPTH)
		give_up_damaged(schema->footer->file, "Its schema is nested too deep");
	*node = (SchemaNode){.element = element, .leaf = schema->leaf_count};
	if (parent)
	{
		node->definition = parent->definition + (element->repetition != REQUIRED);
		node->repetition = parent->repetition + (element->repetition == REPEATED);
	}
	schema->leaf_count += element->physical != PHYSICAL_NONE;
	for (int i = 0; i < element->child_count; i++)
	{
		if (next >= schema->node_count)
			give_up_damaged(schema->footer->file, "Its schema has fewer elements than it says");
		next = make_node(schema, next, node, depth + 1);
	}
	node->end = next;
	node->leaf_end = schema->leaf_count;
	return next;
}

static void
check_chunks(const Schema *schema)
{
	const Footer *footer = schema->footer;

	for (int i = 0; i < footer->group_count; i++)
		if (footer->groups[i].chunk_count != schema->leaf_count)
			give_up_damaged(footer->file, "A group of rows has not as many columns as the schema");
}

void
schema_make(Schema *schema, const Footer *footer)
{
	*schema = (Schema){.footer = footer, .node_count = footer->element_count};
	if (schema->node_count == 0)
		give_up_damaged(footer->file, "It has no schema");
	schema->nodes = allocate((size_t) schema->node_count * sizeof(SchemaNode));
	if (make_node(schema, 0, NULL, 0) != schema->node_count)
		give_up_damaged(footer->file, "Its schema has more elements than it says");
	check_chunks(schema);
	schema->columns = allocate((size_t) schema->node_count * sizeof(int));
	for (int node = 1; node < schema->node_count; node = schema_next(schema, node))
		schema->columns[schema->column_count++] = node;
}

void
schema_free(Schema *schema)
{
	free(schema->nodes);
	free(schema->columns);
	*schema = (Schema){.footer = NULL};
}

static int
child_count(const Schema *schema, int node)
{
	return schema->nodes[node].element->child_count;
}

static bool
is_repeated(const Schema *schema, int node)
{
	return schema->nodes[node].element->repetition == REPEATED;
}

/* A key alone is a map, too. */
static bool
is_map(const Schema *schema, int node)
{
	int pair = node + 1;
	int pairs;

	if (child_count(schema, node) != 1 || !is_repeated(schema, pair))
		return false;
	pairs = child_count(schema, pair);
	return (pairs == 1 || pairs == 2) && !is_repeated(schema, pair + 1);
}

SchemaShape
schema_shape(const Schema *schema, int node)
{
	const SchemaElement *element = schema->nodes[node].element;

	if (element->physical != PHYSICAL_NONE)
		return SHAPE_VALUE;
	if (element->logical == LOGICAL_VARIANT)
		return SHAPE_VARIANT;
	if (element->logical == LOGICAL_LIST && element->child_count == 1 && is_repeated(schema, node + 1))
		return SHAPE_LIST;
	if (element->logical == LOGICAL_MAP && is_map(schema, node))
		return SHAPE_MAP;
	return SHAPE_STRUCTURE;
}

static bool
is_called_tuple(const char *list, const char *name)
{
	size_t length = strlen(list);

	return strncmp(name, list, length) == 0 && strcmp(name + length, "_tuple") == 0;
}

/* The rules for lists of older writers, as the format has them. */
int
schema_list_element(const Schema *schema, int list)
{
	int repeated = schema_repeated(list);
	const SchemaElement *element = schema->nodes[repeated].element;

	if (element->physical != PHYSICAL_NONE || element->child_count != 1 || element->logical == LOGICAL_LIST ||
		element->logical == LOGICAL_MAP || is_repeated(schema, repeated + 1) ||
		strcmp(element->name, "array") == 0 ||
		is_called_tuple(schema->nodes[list].element->name, element->name))
		return repeated;
	return repeated + 1;
}

int
schema_map_value(const Schema *schema, int map)
{
	int pair = schema_repeated(map);

	return child_count(schema, pair) == 2 ? schema_next(schema, schema_map_key(map)) : -1;
}
