#include "connectors/json/cell.h"

#include "connectors/common/document.h"
#include "connectors/common/value_text.h"
#include "connectors/json/layout.h"

/* After a bracket or a colon no comma is due; texts end with a quote. */
static void
separate(WireBuffer *out, size_t start)
{
	char last = out->failed || out->length == start ? '[' : out->data[out->length - 1];

	if (last != '[' && last != '{' && last != ':')
		wire_append(out, ",", 1);
}

/* start: where the value begins in the buffer. */
static void
write_json(WireBuffer *out, size_t start, const JsonEvent *event)
{
	if (event->kind != JSON_OBJECT_END && event->kind != JSON_ARRAY_END)
		separate(out, start);
	switch (event->kind)
	{
		case JSON_OBJECT:
			document_literal(out, "{");
			break;
		case JSON_OBJECT_END:
			document_literal(out, "}");
			break;
		case JSON_ARRAY:
			document_literal(out, "[");
			break;
		case JSON_ARRAY_END:
			document_literal(out, "]");
			break;
		case JSON_KEY:
			wire_append_string(out, event->bytes, event->length);
			document_literal(out, ":");
			break;
		case JSON_TEXT:
			wire_append_string(out, event->bytes, event->length);
			break;
		default:
			wire_append(out, event->bytes, event->length);
	}
}

/* An element of an array of scalars; one that is none is JSON text. */
static void
write_element(CellWriter *writer, const JsonEvent *event, int depth)
{
	WireBuffer *out = writer->out;

	if (depth == 1 && event_begins_value(event) && out->data && out->data[out->length - 1] != '{')
		document_literal(out, ",");
	if (depth == 1 && event->kind == JSON_NULL)
		document_literal(out, "NULL");
	else if (depth == 1 && event->kind == JSON_TEXT)
		value_text_element(out, event->bytes, event->length);
	else if (depth == 1 && event_begins_value(event) && event_ends_value(event))
		wire_append(out, event->bytes, event->length);
	else
	{
		write_json(writer->element, 0, event);
		if (depth > 1 || !event_ends_value(event))
			return;
		value_text_element(out, writer->element->data, writer->element->length);
		wire_reset(writer->element);
	}
}

static void
take_array(CellWriter *writer, const JsonEvent *event, int depth)
{
	if (depth > 0)
		write_element(writer, event, depth);
	else if (event->kind == JSON_ARRAY)
		document_literal(writer->out, "{");
	else
		document_literal(writer->out, "}");
}

void
cell_take(CellWriter *writer, const JsonEvent *event)
{
	int depth = event->depth - writer->depth;
	bool is_only = event_begins_value(event) && event_ends_value(event) && depth == 0;

	if (depth == 0 && writer->form == PATH_FORM_ARRAY && event->kind != JSON_ARRAY &&
		event->kind != JSON_ARRAY_END)
		writer->form = PATH_FORM_JSON;
	if (is_only && event->kind == JSON_TEXT && writer->form == PATH_FORM_SCALAR)
		wire_append(writer->out, event->bytes, event->length);
	else if (writer->form == PATH_FORM_ARRAY)
		take_array(writer, event, depth);
	else
		write_json(writer->out, writer->start, event);
}
