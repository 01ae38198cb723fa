#include "connectors/mongodb/extended_json.h"

#include <string.h>

#include "connectors/common/document.h"

/* The library has no text for bytes that are no UTF-8, or nested too deep. */
static void
append_text(WireBuffer *out, char *text)
{
	document_string(out, text ? text : "?");
	bson_free(text);
}

void
extended_json_append_document(WireBuffer *out, const bson_t *document)
{
	append_text(out, bson_as_canonical_extended_json(document, NULL));
}

static void
append_array(WireBuffer *out, const bson_t *array)
{
	bson_t wrapped = BSON_INITIALIZER;
	char *text;

	BSON_APPEND_ARRAY(&wrapped, "", array);
	text = bson_as_canonical_extended_json(&wrapped, NULL);
	if (text) /* { "" : [ … ] } */
	{
		size_t length = strlen(text);
		const char *start = strchr(text, '[');

		wire_append_string(out, start, length - 2 - (size_t) (start - text));
	}
	else
		document_string(out, "?");
	bson_free(text);
	bson_destroy(&wrapped);
}

void
extended_json_append(WireBuffer *out, const bson_iter_t *value)
{
	bson_t document;
	const uint8_t *bytes;
	uint32_t length;

	if (BSON_ITER_HOLDS_ARRAY(value))
		bson_iter_array(value, &length, &bytes);
	else
		bson_iter_document(value, &length, &bytes);
	if (!bson_init_static(&document, bytes, length))
		document_string(out, "?");
	else if (BSON_ITER_HOLDS_ARRAY(value))
		append_array(out, &document);
	else
		extended_json_append_document(out, &document);
}
