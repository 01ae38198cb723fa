#include "connectors/parquet/describe.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/parquet/names.h"
#include "connectors/parquet/types.h"

/* The protocol's levels of columns. */
#define MOST_LEVELS 20

/* What a column or field is told as. */
typedef struct Described
{
	int node;
	bool is_repeated;
} Described;

static bool
is_list(const Schema *schema, int node)
{
	return schema_shape(schema, node) == SHAPE_LIST;
}

/* A list is told as its element, repeated; so is a repeated node that stands in no list. */
static Described
describe_node(const Schema *schema, int node, bool is_element)
{
	if (!is_element && schema->nodes[node].element->repetition == REPEATED)
		return (Described){.node = node, .is_repeated = true};
	if (is_list(schema, node))
		return (Described){.node = schema_list_element(schema, node), .is_repeated = true};
	return (Described){.node = node};
}

/* ---- types ---- */

static void
write_type(WireBuffer *out, const Schema *schema, int node)
{
	switch (schema_shape(schema, node))
	{
		case SHAPE_VALUE:
			type_write(out, schema->nodes[node].element);
			break;
		case SHAPE_STRUCTURE:
			wire_append_text(out, "struct");
			break;
		case SHAPE_VARIANT:
			wire_append_text(out, "variant");
			break;
		case SHAPE_LIST:
			wire_append_text(out, "list<");
			write_type(out, schema, schema_list_element(schema, node));
			wire_append_text(out, ">");
			break;
		case SHAPE_MAP:
			wire_append_text(out, "map<");
			write_type(out, schema, schema_map_key(node));
			if (schema_map_value(schema, node) >= 0)
			{
				wire_append_text(out, ",");
				write_type(out, schema, schema_map_value(schema, node));
			}
			wire_append_text(out, ">");
	}
}

static const char *
pg_type(const Schema *schema, const Described *described)
{
	if (described->is_repeated || schema_shape(schema, described->node) != SHAPE_VALUE)
		return "jsonb";
	return type_pg_type(schema->nodes[described->node].element);
}

/* Is the node there wherever what holds it is? */
static bool
is_required(const Schema *schema, int node)
{
	return schema->nodes[node].element->repetition != OPTIONAL;
}

static void
write_id(WireBuffer *out, const Schema *schema, int node)
{
	const SchemaElement *element = schema->nodes[node].element;

	if (!schema->footer->is_of_iceberg || !element->has_id)
		return;
	document_literal(out, ",\"id\":\"");
	wire_append_integer(out, element->id);
	document_literal(out, "\"");
}

/* ---- fields ---- */

static void write_fields(WireBuffer *out, const Schema *schema, int node, int level);

static void
write_field(WireBuffer *out, const Schema *schema, int node, const char *name, int level, bool is_element)
{
	Described described = describe_node(schema, node, is_element);
	WireBuffer type = {.data = NULL};

	write_type(&type, schema, described.node);
	document_literal(out, "{\"name\":");
	document_string(out, name);
	document_literal(out, ",\"type\":");
	wire_append_string(out, type.data, type.length);
	wire_free(&type);
	document_text(out, "pg_type", pg_type(schema, &described));
	document_flag(out, "not_null", is_required(schema, node));
	document_flag(out, "repeated", described.is_repeated);
	write_id(out, schema, node);
	write_fields(out, schema, described.node, level + 1);
	document_literal(out, "}");
}

static void
write_members(WireBuffer *out, const Schema *schema, int node, int level)
{
	int count = schema->nodes[node].element->child_count;
	int child = node + 1;
	Names names;

	names_begin(&names, count);
	for (int i = 0; i < count; i++)
	{
		char *name = names_add(&names, schema->nodes[child].element->name, i + 1);

		document_separate(out);
		write_field(out, schema, child, name, level, false);
		free(name);
		child = schema_next(schema, child);
	}
	names_end(&names);
}

/* What is in a structure, in a map, and in a list that is an element of another one. */
static void
write_fields(WireBuffer *out, const Schema *schema, int node, int level)
{
	SchemaShape shape = schema_shape(schema, node);
	bool has_members = shape == SHAPE_STRUCTURE && schema->nodes[node].element->child_count > 0;

	if (level > MOST_LEVELS || (!has_members && shape != SHAPE_MAP && shape != SHAPE_LIST))
		return;
	document_literal(out, ",\"fields\":[");
	if (shape == SHAPE_LIST)
		write_field(out, schema, schema_list_element(schema, node), "element", level, true);
	if (shape == SHAPE_STRUCTURE)
		write_members(out, schema, node, level);
	if (shape == SHAPE_MAP)
		write_field(out, schema, schema_map_key(node), "key", level, false);
	if (shape == SHAPE_MAP && schema_map_value(schema, node) >= 0)
	{
		document_literal(out, ",");
		write_field(out, schema, schema_map_value(schema, node), "value", level, false);
	}
	document_literal(out, "]");
}

/* ---- columns ---- */

static char *
finish(WireBuffer *buffer)
{
	wire_append(buffer, "", 1);
	if (buffer->failed)
		give_up_out_of_memory();
	return buffer->data;
}

static void
describe_column(const Schema *schema, int node, FileColumn *column, char **type)
{
	Described described = describe_node(schema, node, false);
	WireBuffer text = {.data = NULL};
	WireBuffer more = {.data = NULL};

	write_type(&text, schema, described.node);
	*type = finish(&text);
	if (described.is_repeated)
		document_literal(&more, ",\"repeated\":true");
	write_id(&more, schema, node);
	write_fields(&more, schema, described.node, 2);
	column->type = *type;
	column->pg_type = pg_type(schema, &described);
	column->not_null = is_required(schema, node);
	column->may_have_categories = column->pg_type == NULL || strcmp(column->pg_type, "boolean") == 0;
	column->more = finish(&more);
}

void
describe_columns(const Schema *schema, FileRelation *relation, char ***types)
{
	Names names;

	*types = allocate((size_t) (schema->column_count + 1) * sizeof(char *));
	names_begin(&names, schema->column_count);
	for (int i = 0; i < schema->column_count; i++)
	{
		int node = schema->columns[i];
		FileColumn *column = relation_add_column(relation);

		column->name = names_add(&names, schema->nodes[node].element->name, i + 1);
		describe_column(schema, node, column, &(*types)[i]);
	}
	names_end(&names);
}
