#include "connectors/inference/path_document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/memory.h"

/* The types without those that others of them absorb. */
static PathTypeSet
types_of(const PathTypes *types, const PathNode *node)
{
	PathTypeSet left = node->declared ? node->declared : node->types;
	PathTypeSet narrower = node->declared ? 0 : node->fits & ~node->types;

	for (int i = 0; i < types->count; i++)
		if (left & PATH_TYPE(i))
			left &= ~types->items[i].absorbs;
	if (left == 0 || (left & (left - 1)) != 0 || narrower == 0)
		return left;
	/* The first of the narrower types that all values are of. */
	narrower &= types->count < 32 ? PATH_TYPE(types->count) - 1 : UINT32_MAX;
	return narrower ? narrower & -narrower : left;
}

/* Returns the only type, or -1. */
static int
only_type(const PathTypes *types, const PathNode *node)
{
	PathTypeSet left = types_of(types, node);

	for (int i = 0; i < types->count; i++)
		if (left == PATH_TYPE(i))
			return i;
	return -1;
}

static bool
is_list(const PathTypes *types, const PathNode *node)
{
	return only_type(types, node) == types->array && node->element &&
		   (node->element->types | node->element->declared) != 0;
}

bool
path_is_of(const PathTypes *types, const PathNode *node, int type)
{
	return only_type(types, node) == type;
}

static bool
are_numbers(const PathTypes *types, const PathNode *node)
{
	PathTypeSet left = types_of(types, node);

	return left != 0 && (left & ~types->numbers) == 0;
}

static bool
is_scalar(const PathTypes *types, const PathNode *node)
{
	int type = only_type(types, node);

	return (type >= 0 && type != types->object && type != types->array) || are_numbers(types, node);
}

static const char *
pg_type_of_scalar(const PathTypes *types, const PathNode *node)
{
	int type = only_type(types, node);

	return type >= 0 ? types->items[type].pg_type : "numeric";
}

PathForm
path_form(const PathTypes *types, const PathNode *node)
{
	if (is_scalar(types, node))
		return PATH_FORM_SCALAR;
	if (is_list(types, node) && is_scalar(types, node->element))
		return PATH_FORM_ARRAY;
	return PATH_FORM_JSON;
}

static void
append_type(WireBuffer *out, const PathTypes *types, const PathNode *node)
{
	PathTypeSet left = types_of(types, node);
	bool is_first = true;

	if (is_list(types, node))
	{
		append_type(out, types, node->element);
		document_literal(out, "[]");
		return;
	}
	for (int i = 0; i < types->count; i++)
	{
		if (!(left & PATH_TYPE(i)))
			continue;
		if (!is_first)
			document_literal(out, " | ");
		wire_append_text(out, types->items[i].name);
		is_first = false;
	}
	if (is_first)
		document_literal(out, "null");
}

char *
path_type(const PathTypes *types, const PathNode *node)
{
	WireBuffer out = {.data = NULL};
	char *text;

	append_type(&out, types, is_list(types, node) ? node->element : node);
	wire_append(&out, "", 1);
	text = copy_text(out.failed ? "" : out.data);
	wire_free(&out);
	return text;
}

char *
path_pg_type(const PathTypes *types, const PathNode *node)
{
	PathForm form = path_form(types, node);
	const char *name;
	char text[64];

	if (form == PATH_FORM_JSON)
		return copy_text("jsonb");
	name = pg_type_of_scalar(types, form == PATH_FORM_ARRAY ? node->element : node);
	if (form == PATH_FORM_SCALAR)
		return name ? copy_text(name) : NULL;
	snprintf(text, sizeof(text), "%s[]", name ? name : "text");
	return copy_text(text);
}

void
path_append_column(WireBuffer *out, const PathTypes *types, const PathNode *node)
{
	char *type = path_type(types, node);
	char *pg_type = path_pg_type(types, node);

	document_literal(out, "{");
	document_text(out, "name", node->name);
	document_text(out, "type", type);
	document_text(out, "pg_type", pg_type);
	path_append_content(out, types, node);
	wire_append_text(out, node->more ? node->more : "");
	document_literal(out, "}");
	free(type);
	free(pg_type);
}

void
path_append_content(WireBuffer *out, const PathTypes *types, const PathNode *node)
{
	if (is_list(types, node))
	{
		document_literal(out, ",\"repeated\":true");
		while (is_list(types, node))
			node = node->element;
	}
	if (node->is_map)
		document_literal(out, ",\"map\":true");
	if (node->members == NULL || node->depth >= MOST_PATH_DEPTH)
		return;
	document_literal(out, ",\"fields\":[");
	for (const PathNode *member = node->members; member; member = member->next)
	{
		document_separate(out);
		path_append_column(out, types, member);
	}
	document_literal(out, "]");
}
