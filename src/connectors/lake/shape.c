#include "connectors/lake/shape.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/jsontree/json_tree.h"

Shape *
lake_shape(ShapeKind kind, int fields)
{
	Shape *shape = allocate(sizeof(Shape));

	*shape = (Shape){.kind = kind, .is_plain = true};
	if (fields > 0)
		shape->fields = allocate((size_t) fields * sizeof(ShapeField));
	return shape;
}

void
lake_shape_free(Shape *shape)
{
	if (shape == NULL)
		return;
	for (int i = 0; i < shape->count; i++)
	{
		lake_shape_free(shape->fields[i].shape);
		free(shape->fields[i].absent);
	}
	lake_shape_free(shape->key);
	lake_shape_free(shape->element);
	free(shape->fields);
	free(shape);
}

/* ---- writing ---- */

static void write_node(const Shape *shape, WireBuffer *out, const JsonNode *node);

/* Numbers stay numbers, unless JSON has none such. */
static void
write_value(const Shape *shape, WireBuffer *out, const JsonNode *node)
{
	WireBuffer text = {.data = NULL};

	convert(&text, &shape->conversion, node->text, node->length);
	if (node->kind == JSON_NUMBER && shape->conversion.kind != CONVERT_NUMBER_TO_TIME)
		wire_append(out, text.data, text.length);
	else
		wire_append_string(out, text.length > 0 ? text.data : "", text.length);
	wire_free(&text);
}

static void
write_list(const Shape *shape, WireBuffer *out, const JsonNode *node)
{
	document_literal(out, "[");
	for (const JsonNode *element = node->first; element; element = element->next)
	{
		if (element != node->first)
			document_literal(out, ",");
		write_node(shape->element, out, element);
	}
	document_literal(out, "]");
}

/* Keys are texts in JSON. */
static void
write_map(const Shape *shape, WireBuffer *out, const JsonNode *node)
{
	document_literal(out, "{");
	for (const JsonNode *pair = node->first; pair; pair = pair->next)
	{
		JsonNode key = {.kind = JSON_TEXT, .text = pair->name, .length = strlen(pair->name)};

		if (pair != node->first)
			document_literal(out, ",");
		if (shape->key->kind == SHAPED_VALUE)
			write_value(shape->key, out, &key);
		else
			wire_append_string(out, key.text, key.length);
		document_literal(out, ":");
		write_node(shape->element, out, pair);
	}
	document_literal(out, "}");
}

static void
write_field(const ShapeField *field, WireBuffer *out, const JsonNode *node)
{
	const JsonNode *member = field->shape ? json_member(node, field->stored) : NULL;

	document_string(out, field->name);
	document_literal(out, ":");
	if (member)
		write_node(field->shape, out, member);
	else
		wire_append_text(out, field->shape == NULL && field->absent ? field->absent : "null");
}

static void
write_structure(const Shape *shape, WireBuffer *out, const JsonNode *node)
{
	document_literal(out, "{");
	for (int i = 0; i < shape->count; i++)
	{
		if (i > 0)
			document_literal(out, ",");
		write_field(&shape->fields[i], out, node);
	}
	document_literal(out, "}");
}

static void
write_node(const Shape *shape, WireBuffer *out, const JsonNode *node)
{
	if (node->kind == JSON_NULL)
		document_literal(out, "null");
	else if (node->kind == JSON_TRUE)
		document_literal(out, "true");
	else if (node->kind == JSON_FALSE)
		document_literal(out, "false");
	else if (node->kind == JSON_ARRAY && shape->kind == SHAPED_LIST)
		write_list(shape, out, node);
	else if (node->kind == JSON_OBJECT && shape->kind == SHAPED_MAP)
		write_map(shape, out, node);
	else if (node->kind == JSON_OBJECT && shape->kind == SHAPED_STRUCTURE)
		write_structure(shape, out, node);
	else
		write_value(shape, out, node);
}

void
lake_shape_write(const Shape *shape, WireBuffer *out, const char *text, size_t length)
{
	char fault[128];
	JsonTree *tree;

	if (shape->kind == SHAPED_VALUE)
	{
		convert(out, &shape->conversion, text, length);
		return;
	}
	tree = json_tree_read(text, length, fault, sizeof(fault));
	if (tree == NULL)
		give_up(&(Failure){.step = "query",
						   .code = "too_large",
						   .message = "A nested value of the table cannot be read.",
						   .detail = fault});
	write_node(shape, out, json_tree_root(tree));
	json_tree_free(tree);
}
