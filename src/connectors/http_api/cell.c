#include "connectors/http_api/cell.h"

#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/value_text.h"
#include "connectors/http/base64.h"
#include "connectors/jsontree/json_text.h"

static bool
is_array_type(const char *pg_type)
{
	size_t length = strlen(pg_type);

	return length > 2 && strcmp(pg_type + length - 2, "[]") == 0;
}

/* What does not fit the type is written as it is: PostgreSQL says so. */
static void
append_scalar(WireBuffer *out, const JsonNode *value)
{
	switch (value->kind)
	{
		case JSON_TRUE:
			wire_append_text(out, "t");
			break;
		case JSON_FALSE:
			wire_append_text(out, "f");
			break;
		case JSON_TEXT:
		case JSON_NUMBER:
			wire_append(out, value->text, value->length);
			break;
		default:
			json_append(out, value);
	}
}

/* The truths of a text are spelled as in JSON. */
static void
append_text(WireBuffer *out, const JsonNode *value)
{
	if (value->kind == JSON_TRUE || value->kind == JSON_FALSE)
		json_append(out, value);
	else
		append_scalar(out, value);
}

static void
append_array(WireBuffer *out, const JsonNode *array)
{
	WireBuffer element = {0};

	wire_append_text(out, "{");
	for (const JsonNode *each = array->first; each; each = each->next)
	{
		if (each != array->first)
			wire_append_text(out, ",");
		if (each->kind == JSON_NULL)
		{
			wire_append_text(out, "NULL");
			continue;
		}
		wire_reset(&element);
		append_text(&element, each);
		value_text_element(out, element.data ? element.data : "", element.length);
	}
	wire_append_text(out, "}");
	out->failed |= element.failed;
	wire_free(&element);
}

bool
cell_append(WireBuffer *out, const JsonNode *value, const char *pg_type)
{
	if (value == NULL || value->kind == JSON_NULL)
		return false;
	if (pg_type == NULL || strcmp(pg_type, "text") == 0)
		append_text(out, value);
	else if (strcmp(pg_type, "jsonb") == 0 || strcmp(pg_type, "json") == 0)
		json_append(out, value);
	else if (is_array_type(pg_type) && value->kind == JSON_ARRAY)
		append_array(out, value);
	else if (strcmp(pg_type, "bytea") == 0 && value->kind == JSON_TEXT)
		base64_append_value(out, value->text, value->length);
	else
		append_scalar(out, value);
	return true;
}
