#include "connectors/redis/resp.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

/* Of a line: a sign and 19 digits, or a text for people. */
#define MOST_LINE 4096
/* Redis has no longer texts. */
#define MOST_DECLARED (INT64_C(1) << 40)

static bool
fail(RespReader *reader, const char *fault)
{
	reader->fault = fault;
	return false;
}

static bool
fail_too_large(RespReader *reader)
{
	reader->is_too_large = true;
	return fail(reader, "The answer is longer than is accepted.");
}

/* ---- bytes ---- */

static bool
fill(RespReader *reader)
{
	reader->at = 0;
	reader->filled = reader->read(reader->source, reader->bytes, sizeof(reader->bytes));
	return reader->filled > 0;
}

bool
resp_has_more(const RespReader *reader)
{
	return reader->at < reader->filled;
}

static bool
read_byte(RespReader *reader, char *byte)
{
	if (!resp_has_more(reader) && !fill(reader))
		return false;
	*byte = reader->bytes[reader->at++];
	return true;
}

/* Reads up to the end of the line, and appends it. */
static bool
read_line(RespReader *reader, WireBuffer *out)
{
	size_t length = 0;
	char byte = '\0';

	while (read_byte(reader, &byte) && byte != '\r')
	{
		if (byte == '\n' || ++length > MOST_LINE)
			return fail(reader, "A line of the answer does not end as it must.");
		wire_append(out, &byte, 1);
	}
	if (byte != '\r' || !read_byte(reader, &byte))
		return false;
	return byte == '\n' || fail(reader, "A line of the answer does not end as it must.");
}

/* ---- values ---- */

static uint32_t
add_value(RespAnswer *answer, RespKind kind)
{
	if (answer->count == answer->capacity)
	{
		answer->capacity = answer->capacity ? answer->capacity * 2 : 64;
		answer->values = reallocate(answer->values, answer->capacity * sizeof(RespValue));
	}
	answer->values[answer->count] = (RespValue){.kind = kind};
	return answer->count++;
}

static bool
is_within_bounds(const RespReader *reader, const RespAnswer *answer, size_t more)
{
	return answer->text.length + answer->count * sizeof(RespValue) + more <= reader->most_answer;
}

static bool
read_integer(RespReader *reader, int64_t *number)
{
	WireBuffer line = {.data = NULL};
	char *end = NULL;
	bool is_number = false;

	if (read_line(reader, &line))
	{
		wire_append(&line, "", 1);
		if (line.failed)
			give_up_out_of_memory();
		is_number = line.length > 1 && line.length <= 21 && line.data[0] != '+' && line.data[0] != ' ';
		if (is_number)
			*number = strtoll(line.data, &end, 10);
		is_number = is_number && end == line.data + line.length - 1;
		if (!is_number)
			fail(reader, "A number of the answer is none.");
	}
	wire_free(&line);
	return is_number;
}

static bool
read_simple(RespReader *reader, RespAnswer *answer, RespKind kind)
{
	uint32_t number = add_value(answer, kind);
	size_t start = answer->text.length;

	if (!read_line(reader, &answer->text))
		return false;
	answer->values[number].start = start;
	answer->values[number].length = answer->text.length - start;
	wire_append(&answer->text, "", 1);
	return true;
}

/* Reads so many bytes, and keeps them in `out` unless that is NULL. */
static bool
read_bytes(RespReader *reader, int64_t length, WireBuffer *out)
{
	while (length > 0)
	{
		size_t piece;

		if (!resp_has_more(reader) && !fill(reader))
			return false;
		piece = reader->filled - reader->at;
		if ((int64_t) piece > length)
			piece = (size_t) length;
		if (out)
			wire_append(out, reader->bytes + reader->at, piece);
		reader->at += piece;
		length -= (int64_t) piece;
	}
	return true;
}

static bool
read_end_of_text(RespReader *reader)
{
	char end[2];

	return read_byte(reader, &end[0]) && read_byte(reader, &end[1]) &&
		   ((end[0] == '\r' && end[1] == '\n') ||
			fail(reader, "A text of the answer is longer than was said."));
}

static bool
read_text(RespReader *reader, RespAnswer *answer)
{
	int64_t length;
	uint32_t number;
	bool is_kept;

	if (!read_integer(reader, &length))
		return false;
	number = add_value(answer, length == -1 ? RESP_NULL : RESP_TEXT);
	if (length == -1)
		return true;
	if (length < 0 || length > MOST_DECLARED)
		return fail(reader, "A text of the answer has an impossible length.");
	is_kept = (uint64_t) length <= reader->most_text;
	answer->values[number].start = answer->text.length;
	answer->values[number].length = (size_t) length;
	answer->values[number].is_left_out = !is_kept;
	if (is_kept && !is_within_bounds(reader, answer, (size_t) length))
		return fail_too_large(reader);
	if (!read_bytes(reader, length, is_kept ? &answer->text : NULL) || !read_end_of_text(reader))
		return false;
	wire_append(&answer->text, "", 1);
	return true;
}

static bool read_value(RespReader *reader, RespAnswer *answer, int depth);

static bool
read_array(RespReader *reader, RespAnswer *answer, int depth)
{
	int64_t count;
	uint32_t array;
	uint32_t last = 0;

	if (!read_integer(reader, &count))
		return false;
	array = add_value(answer, count == -1 ? RESP_NULL : RESP_ARRAY);
	if (count < -1)
		return fail(reader, "An array of the answer has an impossible length.");
	for (int64_t i = 0; i < count; i++)
	{
		uint32_t item = answer->count;

		if (!read_value(reader, answer, depth + 1))
			return false;
		if (last == 0)
			answer->values[array].first = item;
		else
			answer->values[last].next = item;
		answer->values[array].count++;
		last = item;
	}
	return true;
}

static bool
read_number(RespReader *reader, RespAnswer *answer)
{
	uint32_t number = add_value(answer, RESP_INTEGER);
	int64_t integer;

	if (!read_integer(reader, &integer))
		return false;
	answer->values[number].integer = integer;
	return true;
}

static bool
read_value(RespReader *reader, RespAnswer *answer, int depth)
{
	char mark;

	if (depth >= MOST_RESP_DEPTH)
		return fail(reader, "The answer is nested too deeply.");
	if (!is_within_bounds(reader, answer, sizeof(RespValue)))
		return fail_too_large(reader);
	if (!read_byte(reader, &mark))
		return false;
	switch (mark)
	{
		case '+':
			return read_simple(reader, answer, RESP_TEXT);
		case '-':
			return read_simple(reader, answer, RESP_ERROR);
		case ':':
			return read_number(reader, answer);
		case '$':
			return read_text(reader, answer);
		case '*':
			return read_array(reader, answer, depth);
		default:
			return fail(reader, "What answers does not speak the protocol of Redis.");
	}
}

bool
resp_read(RespReader *reader, RespAnswer *answer)
{
	bool is_whole;

	answer->count = 0;
	wire_reset(&answer->text);
	reader->fault = NULL;
	reader->is_too_large = false;
	is_whole = read_value(reader, answer, 0);
	if (answer->text.failed)
		give_up_out_of_memory();
	return is_whole;
}

void
resp_free(RespAnswer *answer)
{
	free(answer->values);
	wire_free(&answer->text);
	*answer = (RespAnswer){.values = NULL};
}

RespText
resp_text(const RespAnswer *answer, const RespValue *value)
{
	if (value == NULL || (value->kind != RESP_TEXT && value->kind != RESP_ERROR) || value->is_left_out)
		return (RespText){.bytes = ""};
	return (RespText){.bytes = answer->text.data + value->start, .length = value->length};
}

bool
resp_begins_with(const RespAnswer *answer, const RespValue *value, const char *word)
{
	RespText text = resp_text(answer, value);

	return text.length >= strlen(word) && memcmp(text.bytes, word, strlen(word)) == 0;
}
