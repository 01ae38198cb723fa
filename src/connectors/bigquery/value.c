#include "connectors/bigquery/value.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/memory.h"
#include "connectors/common/value_text.h"
#include "connectors/http/base64.h"

/* Microseconds since 1970, as they are asked for; what is none stays a text. */
static void
append_timestamp(WireBuffer *out, const JsonNode *value)
{
	char *end;
	long long microseconds = strtoll(value->text, &end, 10);

	if (value->length == 0 || *end != '\0')
		wire_append(out, value->text, value->length);
	else
		value_text_timestamp(out, microseconds, true);
}

static void
append_scalar(WireBuffer *out, const JsonNode *value, FieldKind kind)
{
	if (kind == FIELD_BYTES)
		base64_append_value(out, value->text, value->length);
	else if (kind == FIELD_TIMESTAMP)
		append_timestamp(out, value);
	else
		wire_append(out, value->text, value->length);
}

/* ---- JSON ---- */

static void write_json(WireBuffer *out, const JsonNode *value, const JsonNode *field, int level);

static void
write_record(WireBuffer *out, const JsonNode *value, const JsonNode *field, int level)
{
	const JsonNode *fields = json_member(field, "fields");
	const JsonNode *values = json_member(value, "f");
	const JsonNode *each = fields ? fields->first : NULL;

	document_literal(out, "{");
	for (const JsonNode *cell = values ? values->first : NULL; cell && each;
		 cell = cell->next, each = each->next)
	{
		const char *name = json_member_text(each, "name");

		if (cell != values->first)
			document_literal(out, ",");
		document_string(out, name ? name : "");
		document_literal(out, ":");
		write_json(out, json_member(cell, "v"), each, level + 1);
	}
	document_literal(out, "}");
}

/* NaN and the infinities are no numbers of JSON. */
static bool
is_json_number(const JsonNode *value)
{
	return value->length > 0 && strspn(value->text, "0123456789+-.eE") == value->length &&
		   strpbrk(value->text, "0123456789") != NULL;
}

static void
write_scalar_json(WireBuffer *out, const JsonNode *value, FieldKind kind)
{
	WireBuffer text = {.data = NULL};
	bool is_number = kind == FIELD_INTEGER || kind == FIELD_FLOAT || kind == FIELD_NUMERIC;
	char fault[64];
	JsonTree *tree = kind == FIELD_JSON || (is_number && is_json_number(value))
						 ? json_tree_read(value->text, value->length, fault, sizeof(fault))
						 : NULL;

	append_scalar(&text, value, kind);
	if (tree != NULL ||
		(kind == FIELD_BOOLEAN && (strcmp(value->text, "true") == 0 || strcmp(value->text, "false") == 0)))
		wire_append(out, text.data, text.length);
	else
		wire_append_string(out, text.length > 0 ? text.data : "", text.length);
	json_tree_free(tree);
	out->failed |= text.failed;
	wire_free(&text);
}

static void
write_list_json(WireBuffer *out, const JsonNode *list, const JsonNode *field, int level)
{
	document_literal(out, "[");
	for (const JsonNode *each = list->first; each; each = each->next)
	{
		if (each != list->first)
			document_literal(out, ",");
		write_json(out, json_member(each, "v"), field, level + 1);
	}
	document_literal(out, "]");
}

static void
write_json(WireBuffer *out, const JsonNode *value, const JsonNode *field, int level)
{
	if (value == NULL || level > 2 * MOST_FIELD_LEVELS)
		document_literal(out, "null");
	else if (value->kind == JSON_ARRAY)
		write_list_json(out, value, field, level);
	else if (value->kind == JSON_OBJECT)
		write_record(out, value, field, level);
	else if (value->kind == JSON_TEXT)
		write_scalar_json(out, value, field_kind(field));
	else
		document_literal(out, "null");
}

/* ---- values of columns ---- */

/* Elements are never null here. In quotes, no text is taken for NULL. */
static void
append_array(WireBuffer *out, const JsonNode *list, FieldKind kind)
{
	WireBuffer element = {.data = NULL};

	document_literal(out, "{");
	for (const JsonNode *each = list->first; each; each = each->next)
	{
		const JsonNode *value = json_member(each, "v");

		if (each != list->first)
			document_literal(out, ",");
		wire_reset(&element);
		if (value == NULL || value->kind != JSON_TEXT)
		{
			document_literal(out, "NULL");
			continue;
		}
		append_scalar(&element, value, kind);
		value_text_element(out, element.data, element.length);
	}
	document_literal(out, "}");
	out->failed |= element.failed;
	wire_free(&element);
}

bool
value_write(WireBuffer *out, const JsonNode *value, const JsonNode *field)
{
	FieldKind kind = field_kind(field);

	if (value == NULL)
		return false;
	if (kind == FIELD_RECORD || (field_is_repeated(field) && kind == FIELD_JSON))
		write_json(out, value, field, 0);
	else if (value->kind == JSON_ARRAY)
		append_array(out, value, kind);
	else if (value->kind == JSON_TEXT)
		append_scalar(out, value, kind);
	else
		return false;
	return true;
}
