#include "connectors/jsontree/json_text.h"

#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"

void
json_append_string(WireBuffer *out, const char *bytes, size_t length)
{
	WireBuffer cleaned = {0};
	const char *zero;

	if (memchr(bytes, '\0', length) == NULL)
	{
		wire_append_string(out, bytes, length);
		return;
	}
	while ((zero = memchr(bytes, '\0', length)) != NULL)
	{
		wire_append(&cleaned, bytes, (size_t) (zero - bytes));
		wire_append_text(&cleaned, REPLACEMENT);
		length -= (size_t) (zero - bytes) + 1;
		bytes = zero + 1;
	}
	wire_append(&cleaned, bytes, length);
	out->failed |= cleaned.failed;
	if (!cleaned.failed)
		wire_append_string(out, cleaned.data, cleaned.length);
	wire_free(&cleaned);
}

static void
append_children(WireBuffer *out, const JsonNode *node, const char *open, const char *close)
{
	wire_append_text(out, open);
	for (const JsonNode *child = node->first; child; child = child->next)
	{
		if (child != node->first)
			wire_append_text(out, ",");
		if (child->name != NULL)
		{
			json_append_string(out, child->name, strlen(child->name));
			wire_append_text(out, ":");
		}
		json_append(out, child);
	}
	wire_append_text(out, close);
}

/* Trees are not deeper than MOST_JSON_DEPTH. */
void
json_append(WireBuffer *out, const JsonNode *node)
{
	switch (node->kind)
	{
		case JSON_NULL:
			wire_append_text(out, "null");
			break;
		case JSON_FALSE:
			wire_append_text(out, "false");
			break;
		case JSON_TRUE:
			wire_append_text(out, "true");
			break;
		case JSON_NUMBER:
			wire_append(out, node->text, node->length);
			break;
		case JSON_TEXT:
			json_append_string(out, node->text, node->length);
			break;
		case JSON_ARRAY:
			append_children(out, node, "[", "]");
			break;
		case JSON_OBJECT:
			append_children(out, node, "{", "}");
			break;
	}
}
