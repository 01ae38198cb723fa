#include "connectors/dynamodb/attribute.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/memory.h"
#include "connectors/common/value_text.h"
#include "connectors/http/base64.h"

static const PathType types[] = {
	[ATTRIBUTE_MAP] = {"map", "jsonb", 0},
	[ATTRIBUTE_LIST] = {"list", "jsonb", 0},
	[ATTRIBUTE_STRING] = {"string", NULL, 0},
	[ATTRIBUTE_NUMBER] = {"number", "numeric", 0},
	[ATTRIBUTE_BINARY] = {"binary", "bytea", 0},
	[ATTRIBUTE_BOOLEAN] = {"boolean", "boolean", 0},
	[ATTRIBUTE_STRING_SET] = {"string set", "text[]", 0},
	[ATTRIBUTE_NUMBER_SET] = {"number set", "numeric[]", 0},
	[ATTRIBUTE_BINARY_SET] = {"binary set", "bytea[]", 0},
};

const PathTypes attribute_types = {.items = types,
								   .count = sizeof(types) / sizeof(types[0]),
								   .object = ATTRIBUTE_MAP,
								   .array = ATTRIBUTE_LIST};

/* The service's words. NULL is a type of its own there. */
static const char *const words[] = {
	[ATTRIBUTE_MAP] = "M",         [ATTRIBUTE_LIST] = "L",        [ATTRIBUTE_STRING] = "S",
	[ATTRIBUTE_NUMBER] = "N",      [ATTRIBUTE_BINARY] = "B",      [ATTRIBUTE_BOOLEAN] = "BOOL",
	[ATTRIBUTE_STRING_SET] = "SS", [ATTRIBUTE_NUMBER_SET] = "NS", [ATTRIBUTE_BINARY_SET] = "BS"};

#define TYPES ((int) (sizeof(words) / sizeof(words[0])))

bool
attribute_key_type(const char *word, AttributeType *type)
{
	for (int i = ATTRIBUTE_STRING; i <= ATTRIBUTE_BINARY; i++)
		if (word != NULL && strcmp(words[i], word) == 0)
		{
			*type = (AttributeType) i;
			return true;
		}
	return false;
}

const char *
attribute_type_name(AttributeType type)
{
	return types[type].name;
}

const char *
attribute_pg_type(AttributeType type)
{
	return types[type].pg_type;
}

static bool
has_right_kind(int type, const JsonNode *content)
{
	switch (type)
	{
		case ATTRIBUTE_MAP:
			return content->kind == JSON_OBJECT;
		case ATTRIBUTE_LIST:
		case ATTRIBUTE_STRING_SET:
		case ATTRIBUTE_NUMBER_SET:
		case ATTRIBUTE_BINARY_SET:
			return content->kind == JSON_ARRAY;
		case ATTRIBUTE_BOOLEAN:
			return content->kind == JSON_TRUE || content->kind == JSON_FALSE;
		default:
			return content->kind == JSON_TEXT;
	}
}

/* The type and the content of a value: an object with one member. NULL: null, or a type that is not known. */
static const JsonNode *
content_of(const JsonNode *value, int *type)
{
	const JsonNode *content = value->kind == JSON_OBJECT ? value->first : NULL;

	for (*type = 0; content != NULL && *type < TYPES; ++*type)
		if (strcmp(words[*type], content->name) == 0)
			return has_right_kind(*type, content) ? content : NULL;
	return NULL;
}

/* ---- paths ---- */

static void
feed(Paths *paths, const JsonNode *value)
{
	int type;
	const JsonNode *content = content_of(value, &type);

	if (content == NULL)
		paths_null(paths);
	else if (type == ATTRIBUTE_MAP)
		item_feed(paths, content, NULL, NULL);
	else if (type == ATTRIBUTE_LIST)
	{
		paths_array_begin(paths);
		for (const JsonNode *element = content->first; element; element = element->next)
			feed(paths, element);
		paths_array_end(paths);
	}
	else
		paths_value(paths, type, 0);
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp((*(const JsonNode *const *) a)->name, (*(const JsonNode *const *) b)->name);
}

static bool
is_named(const JsonNode *attribute, const char *name)
{
	return name != NULL && strcmp(attribute->name, name) == 0;
}

/* Attributes have no order; one is made, so that the same items give the same columns. */
void
item_feed(Paths *paths, const JsonNode *item, const char *without, const char *without_too)
{
	const JsonNode **attributes = allocate((size_t) item->count * sizeof(JsonNode *) + 1);
	int count = 0;

	for (const JsonNode *attribute = item->first; attribute; attribute = attribute->next)
		if (!is_named(attribute, without) && !is_named(attribute, without_too))
			attributes[count++] = attribute;
	qsort(attributes, (size_t) count, sizeof(JsonNode *), compare_names);
	paths_object_begin(paths);
	for (int i = 0; i < count; i++)
	{
		paths_key(paths, attributes[i]->name, strlen(attributes[i]->name));
		feed(paths, attributes[i]);
	}
	paths_object_end(paths);
	free(attributes);
}

/* The only type of the values; -1: there are several, or none. */
static int
only_type(const PathNode *node)
{
	for (int i = 0; i < TYPES; i++)
		if (node->types == PATH_TYPE(i))
			return i;
	return -1;
}

const char *
attribute_node_pg_type(const PathNode *node)
{
	int type = only_type(node);

	return type >= 0 ? types[type].pg_type : NULL;
}

bool
attribute_may_have_categories(const PathNode *node)
{
	int type = only_type(node);

	return type == ATTRIBUTE_STRING || type == ATTRIBUTE_BOOLEAN;
}

/* ---- JSON ---- */

static void write_json(WireBuffer *out, const JsonNode *value);

static size_t
skip_digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* Is it a number as JSON writes it? The service's numbers are. */
static bool
is_json_number(const char *text)
{
	size_t digits;

	text += *text == '-';
	digits = skip_digits(text);
	if (digits == 0 || (digits > 1 && *text == '0'))
		return false;
	text += digits;
	if (*text == '.')
	{
		digits = skip_digits(++text);
		text += digits;
	}
	if (digits > 0 && (*text == 'e' || *text == 'E'))
	{
		text += 1 + (text[1] == '+' || text[1] == '-');
		digits = skip_digits(text);
		text += digits;
	}
	return digits > 0 && *text == '\0';
}

static void
write_scalar_json(WireBuffer *out, int type, const JsonNode *content)
{
	if ((type == ATTRIBUTE_NUMBER || type == ATTRIBUTE_NUMBER_SET) &&
		strlen(content->text) == content->length && is_json_number(content->text))
		wire_append(out, content->text, content->length);
	else
		wire_append_string(out, content->text, content->length);
}

static void
write_list_json(WireBuffer *out, int type, const JsonNode *content)
{
	document_literal(out, "[");
	for (const JsonNode *element = content->first; element; element = element->next)
	{
		if (element != content->first)
			document_literal(out, ",");
		if (type == ATTRIBUTE_LIST)
			write_json(out, element);
		else if (element->kind == JSON_TEXT)
			write_scalar_json(out, type, element);
		else
			document_literal(out, "null");
	}
	document_literal(out, "]");
}

/* Numbers keep their digits, binaries are the base64 that they come as. */
static void
write_json(WireBuffer *out, const JsonNode *value)
{
	int type;
	const JsonNode *content = content_of(value, &type);

	if (content == NULL)
		document_literal(out, "null");
	else if (type == ATTRIBUTE_MAP)
		item_write(out, content);
	else if (type == ATTRIBUTE_BOOLEAN)
		wire_append_text(out, content->kind == JSON_TRUE ? "true" : "false");
	else if (content->kind == JSON_ARRAY)
		write_list_json(out, type, content);
	else
		write_scalar_json(out, type, content);
}

void
item_write(WireBuffer *out, const JsonNode *item)
{
	document_literal(out, "{");
	for (const JsonNode *attribute = item->first; attribute; attribute = attribute->next)
	{
		if (attribute != item->first)
			document_literal(out, ",");
		document_string(out, attribute->name);
		document_literal(out, ":");
		write_json(out, attribute);
	}
	document_literal(out, "}");
}

/* ---- values of columns ---- */

static void
append_scalar(WireBuffer *out, int type, const JsonNode *content)
{
	if (type == ATTRIBUTE_BOOLEAN)
		wire_append_text(out, content->kind == JSON_TRUE ? "t" : "f");
	else if (type == ATTRIBUTE_BINARY || type == ATTRIBUTE_BINARY_SET)
		base64_append_value(out, content->text, content->length);
	else
		wire_append(out, content->text, content->length);
}

static int
compare_elements(const void *a, const void *b)
{
	return strcmp((*(const JsonNode *const *) a)->text, (*(const JsonNode *const *) b)->text);
}

/* A set has no order: one is made, so that the same set is the same array. In quotes, no text is taken for
 * NULL.
 */
static void
append_set(WireBuffer *out, int type, const JsonNode *content)
{
	const JsonNode **elements = allocate((size_t) (content->count + 1) * sizeof(JsonNode *));
	WireBuffer element = {.data = NULL};
	int count = 0;

	for (const JsonNode *each = content->first; each; each = each->next)
		if (each->kind == JSON_TEXT)
			elements[count++] = each;
	qsort(elements, (size_t) count, sizeof(JsonNode *), compare_elements);
	document_literal(out, "{");
	for (int i = 0; i < count; i++)
	{
		if (i > 0)
			document_literal(out, ",");
		wire_reset(&element);
		append_scalar(&element, type, elements[i]);
		value_text_element(out, element.data, element.length);
	}
	document_literal(out, "}");
	out->failed |= element.failed;
	wire_free(&element);
	free(elements);
}

bool
attribute_write(WireBuffer *out, const JsonNode *value)
{
	int type;
	const JsonNode *content = content_of(value, &type);

	if (content == NULL)
		return false;
	if (type == ATTRIBUTE_MAP || type == ATTRIBUTE_LIST)
		write_json(out, value);
	else if (content->kind == JSON_ARRAY)
		append_set(out, type, content);
	else
		append_scalar(out, type, content);
	return true;
}
