#include "connectors/parquet/assemble.h"

#include "connectors/common/document.h"

static Leaf *
first_leaf(const Assembly *assembly, int node)
{
	return &assembly->leaves[assembly->schema->nodes[node].leaf - assembly->first_leaf];
}

/* A group without leaves below it. */
static bool
is_empty(const Schema *schema, int node)
{
	return schema->nodes[node].leaf == schema->nodes[node].leaf_end;
}

/* All leaves below have one entry for what is not there. */
static void
pass_over(const Assembly *assembly, int node)
{
	for (int i = node; i < assembly->schema->nodes[node].end; i++)
		if (!schema_is_group(assembly->schema, i))
			leaf_next(first_leaf(assembly, i));
}

static bool
is_there(const Assembly *assembly, int node)
{
	const Leaf *leaf = first_leaf(assembly, node);

	if (leaf->is_at_end)
		leaf_fails(leaf, "it has fewer values than other columns");
	return leaf->definition >= assembly->schema->nodes[node].definition;
}

static void write_field(const Assembly *assembly, int node);
static void write_content(const Assembly *assembly, int node);

/* ---- what is repeated ---- */

/* Does the leaf go on with another one of these? */
static bool
has_another(const Assembly *assembly, int node)
{
	const Leaf *leaf = first_leaf(assembly, node);

	return !leaf->is_at_end && leaf->repetition == assembly->schema->nodes[node].repetition;
}

static void
write_element(const Assembly *assembly, int repeated, int element)
{
	if (element == repeated)
		write_content(assembly, element);
	else
		write_field(assembly, element);
}

/* The repeated node; each one is written as its element, which may be itself. */
static void
write_array(const Assembly *assembly, int repeated, int element)
{
	document_literal(assembly->out, "[");
	if (!is_there(assembly, repeated))
		pass_over(assembly, repeated);
	else
		do
		{
			document_separate(assembly->out);
			write_element(assembly, repeated, element);
		} while (has_another(assembly, repeated));
	document_literal(assembly->out, "]");
}

/* Keys are texts in JSON. */
static void
write_key(const Assembly *assembly, int node)
{
	WireBuffer key = {.data = NULL};
	Assembly inner = *assembly;

	inner.out = &key;
	write_field(&inner, node);
	if (key.length > 0 && key.data[0] == '"')
		wire_append(assembly->out, key.data, key.length);
	else
		wire_append_string(assembly->out, key.length > 0 ? key.data : "", key.length);
	wire_free(&key);
}

static void
write_pair(const Assembly *assembly, int map)
{
	int value = schema_map_value(assembly->schema, map);

	write_key(assembly, schema_map_key(map));
	document_literal(assembly->out, ":");
	if (value < 0)
		document_literal(assembly->out, "null");
	else
		write_field(assembly, value);
}

static void
write_map(const Assembly *assembly, int map)
{
	int pair = schema_repeated(map);

	document_literal(assembly->out, "{");
	if (!is_there(assembly, pair))
		pass_over(assembly, pair);
	else
		do
		{
			document_separate(assembly->out);
			write_pair(assembly, map);
		} while (has_another(assembly, pair));
	document_literal(assembly->out, "}");
}

/* ---- what is not ---- */

static void
write_structure(const Assembly *assembly, int node)
{
	const Schema *schema = assembly->schema;

	document_literal(assembly->out, "{");
	for (int child = node + 1; child < schema->nodes[node].end; child = schema_next(schema, child))
	{
		document_separate(assembly->out);
		document_string(assembly->out, schema->nodes[child].element->name);
		document_literal(assembly->out, ":");
		write_field(assembly, child);
	}
	document_literal(assembly->out, "}");
}

static void
write_value(const Assembly *assembly, int node)
{
	Leaf *leaf = first_leaf(assembly, node);

	text_write_json(assembly->out, leaf->element, &leaf->value);
	leaf_next(leaf);
}

/* A node that is there. */
static void
write_content(const Assembly *assembly, int node)
{
	switch (schema_shape(assembly->schema, node))
	{
		case SHAPE_VALUE:
			write_value(assembly, node);
			break;
		case SHAPE_LIST:
			write_array(assembly, schema_repeated(node), schema_list_element(assembly->schema, node));
			break;
		case SHAPE_MAP:
			write_map(assembly, node);
			break;
		default:
			write_structure(assembly, node);
	}
}

/* Returns false if it is null. */
static bool
write_node(const Assembly *assembly, int node)
{
	const SchemaNode *field = &assembly->schema->nodes[node];

	if (is_empty(assembly->schema, node))
		document_literal(assembly->out, "{}");
	else if (field->element->repetition == REPEATED)
		write_array(assembly, node, node);
	else if (!is_there(assembly, node))
	{
		pass_over(assembly, node);
		return false;
	}
	else
		write_content(assembly, node);
	return true;
}

static void
write_field(const Assembly *assembly, int node)
{
	if (!write_node(assembly, node))
		document_literal(assembly->out, "null");
}

bool
assemble_column(const Assembly *assembly, int node)
{
	return write_node(assembly, node);
}
