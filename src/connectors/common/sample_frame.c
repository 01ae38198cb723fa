/*
 * sample_frame.c — masks and cuts values, and keeps a sample within its size.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "wire/mask.h"
#include "connectors/common/memory.h"
#include "connectors/common/sample_frame.h"

/* Most bytes of the categories, and of the examples, of one relation. */
#define MOST_BYTES (200 * 1024)

bool
sample_frame_hides(const SampleRequest *request, const char *column)
{
	return request->masking && wire_name_looks_private(column);
}

static bool
is_full(const SampleFrame *frame)
{
	return frame->out->length - frame->part >= MOST_BYTES;
}

/* Returns how many bytes the first `most` characters take. */
static size_t
bytes_of(const char *text, size_t length, int most)
{
	size_t at = 0;

	for (int i = 0; i < most && at < length; i++)
	{
		size_t character = wire_utf8_length(text + at, length - at);

		at += character ? character : 1;
	}
	return at;
}

void
sample_frame_begin(SampleFrame *frame, const SampleRequest *request, int relation)
{
	*frame = (SampleFrame){.request = request, .out = emit_sample_begin(relation)};
	frame->values = allocate((size_t) (request->categories + 1) * sizeof(char *));
	frame->part = frame->out->length;
	document_literal(frame->out, ",\"categories\":{");
}

/* ---- categories ---- */

void
sample_frame_add_value(SampleFrame *frame, const char *bytes, size_t length)
{
	char *value;

	if (frame->value_count >= frame->request->categories ||
		bytes_of(bytes, length, frame->request->category_length) < length)
		frame->values_are_too_many = true;
	if (frame->values_are_too_many)
		return;
	value = allocate(length + 1);
	memcpy(value, bytes, length);
	value[length] = '\0';
	frame->values[frame->value_count++] = value;
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

static bool
any_private(char *const *texts, int count)
{
	for (int i = 0; i < count; i++)
		if (wire_value_looks_private(texts[i]))
			return true;
	return false;
}

static void
write_values(SampleFrame *frame, const char *column, bool are_of_type)
{
	if (!are_of_type && sample_frame_hides(frame->request, column))
		return;
	if (!are_of_type && frame->request->masking && any_private(frame->values, frame->value_count))
		return;
	if (!are_of_type)
		qsort(frame->values, (size_t) frame->value_count, sizeof(char *), compare_texts);
	document_separate(frame->out);
	document_string(frame->out, column);
	document_literal(frame->out, ":[");
	for (int i = 0; i < frame->value_count; i++)
	{
		document_separate(frame->out);
		document_string(frame->out, frame->values[i]);
	}
	document_literal(frame->out, "]");
}

void
sample_frame_end_values(SampleFrame *frame, const char *column, bool are_of_type)
{
	if (frame->value_count > 0 && !frame->values_are_too_many && !is_full(frame))
		write_values(frame, column, are_of_type);
	for (int i = 0; i < frame->value_count; i++)
		free(frame->values[i]);
	frame->value_count = 0;
	frame->values_are_too_many = false;
}

/* ---- examples ---- */

static void
begin_examples(SampleFrame *frame)
{
	if (frame->in_examples)
		return;
	frame->in_examples = true;
	document_literal(frame->out, "}");
	frame->part = frame->out->length;
	document_literal(frame->out, ",\"examples\":[");
}

void
sample_frame_begin_row(SampleFrame *frame)
{
	begin_examples(frame);
	document_separate(frame->out);
	document_literal(frame->out, "{");
}

static void
write_cut(SampleFrame *frame, const char *value)
{
	size_t length = strlen(value);
	size_t shown = bytes_of(value, length, frame->request->example_length);

	wire_append_string(frame->out, value, shown);
	if (shown == length || frame->out->failed)
		return;
	frame->out->length--; /* the quote */
	document_literal(frame->out, "…\"");
}

void
sample_frame_add_cell(SampleFrame *frame, const char *column, const char *value)
{
	bool hidden = sample_frame_hides(frame->request, column);

	if (is_full(frame))
		return;
	document_separate(frame->out);
	document_string(frame->out, column);
	document_literal(frame->out, ":");
	if (hidden || (value && frame->request->masking && wire_value_looks_private(value)))
		document_string(frame->out, MASK);
	else if (value)
		write_cut(frame, value);
	else
		document_literal(frame->out, "null");
}

void
sample_frame_end_row(SampleFrame *frame)
{
	document_literal(frame->out, "}");
}

void
sample_frame_end(SampleFrame *frame)
{
	begin_examples(frame);
	document_literal(frame->out, "]");
	free(frame->values);
	emit_sample_end();
}
