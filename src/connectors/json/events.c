#include "connectors/json/events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

#define FIRST_CAPACITY 65536
#define REPLACEMENT    "\xEF\xBF\xBD"

/* ---- where a fault is ---- */

/* Moves the place over bytes of the piece. Columns are counted in characters. */
static void
move_place(const JsonEvents *events, size_t length, int64_t *line, int64_t *column)
{
	const char *start = events->piece;
	const char *end = length > 0 ? start + length : start;
	const char *newline;
	int64_t characters = 0;

	while (start < end && (newline = memchr(start, '\n', (size_t) (end - start))) != NULL)
	{
		++*line;
		*column = 0;
		start = newline + 1;
	}
	for (; start < end; start++)
		characters += ((unsigned char) *start & 0xC0) != 0x80;
	*column += characters;
}

static void give_up_at(const JsonEvents *events, size_t length, const char *code, const char *message)
	__attribute__((noreturn));

/* At the place behind `length` bytes of the piece. */
static void
give_up_at(const JsonEvents *events, size_t length, const char *code, const char *message)
{
	int64_t line = events->line;
	int64_t column = events->column;
	char detail[64];

	move_place(events, length, &line, &column);
	snprintf(detail, sizeof(detail), "Line %lld, column %lld.", (long long) line + 1,
			 (long long) (column > 0 ? column : 1));
	give_up(&(Failure){.step = "query",
					   .code = code,
					   .message = message,
					   .detail = detail,
					   .hint = strcmp(code, "protocol") == 0
								   ? "The file must be JSON (RFC 8259), or one such value after the other."
								   : NULL});
}

static size_t
taken(const JsonEvents *events)
{
	return events->has_ended ? events->length : yajl_get_bytes_consumed(events->parser);
}

/* ---- events ---- */

/* Texts have neither NUL nor, from escapes of half a pair, surrogates. */
static void
clean(JsonEvents *events, JsonEvent *event)
{
	const char *at = event->bytes;
	const char *end = at + event->length;

	if (event->length == 0 ||
		(memchr(at, '\0', event->length) == NULL && memchr(at, 0xED, event->length) == NULL))
		return;
	wire_reset(&events->cleaned);
	while (at < end)
	{
		size_t length = *at == '\0' ? 0 : wire_utf8_length(at, (size_t) (end - at));

		if (length == 0)
			wire_append_text(&events->cleaned, REPLACEMENT);
		else
			wire_append(&events->cleaned, at, length);
		at += length == 0 ? ((unsigned char) *at == 0xED && end - at >= 3 ? 3 : 1) : length;
	}
	if (events->cleaned.failed)
		give_up_out_of_memory();
	event->bytes = events->cleaned.data;
	event->length = events->cleaned.length;
}

static int
fails(JsonEvents *events, const char *code, const char *fault)
{
	events->fault = fault;
	events->fault_code = code;
	return 0;
}

static bool
is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Of values that follow one another only objects may touch. Returns 0 if another one does. */
static int
end_value(JsonEvents *events, JsonKind kind)
{
	size_t used = taken(events);

	if (events->depth > 0 || kind == JSON_OBJECT_END || events->has_ended)
		return 1;
	if (used < events->length && !is_space(events->piece[used]))
		return fails(events, "protocol", "The file is not valid JSON: something follows a value at once.");
	events->must_separate = used >= events->length;
	return 1;
}

static int
give(JsonEvents *events, JsonKind kind, const char *bytes, size_t length)
{
	bool is_end = kind == JSON_OBJECT_END || kind == JSON_ARRAY_END;
	bool is_begin = kind == JSON_OBJECT || kind == JSON_ARRAY;
	JsonEvent event = {.kind = kind, .bytes = bytes, .length = length};

	if (is_begin && events->depth >= MOST_NESTING)
		return fails(events, "too_large", "The file nests values deeper than 64 levels.");
	if (kind == JSON_KEY && length > MOST_NAME_BYTES)
		return fails(events, "too_large", "A member's name in the file is longer than 64 KiB.");
	events->depth -= is_end;
	event.depth = events->depth;
	events->depth += is_begin;
	if (kind == JSON_TEXT || kind == JSON_KEY)
		clean(events, &event);
	events->take(events->context, &event);
	if (events->fault)
		return 0;
	return is_begin || kind == JSON_KEY ? 1 : end_value(events, kind);
}

static int
take_null(void *context)
{
	return give(context, JSON_NULL, "null", 4);
}

static int
take_boolean(void *context, int value)
{
	return value ? give(context, JSON_TRUE, "true", 4) : give(context, JSON_FALSE, "false", 5);
}

static int
take_number(void *context, const char *bytes, size_t length)
{
	return give(context, JSON_NUMBER, bytes, length);
}

static int
take_text(void *context, const unsigned char *bytes, size_t length)
{
	return give(context, JSON_TEXT, (const char *) bytes, length);
}

static int
take_key(void *context, const unsigned char *bytes, size_t length)
{
	return give(context, JSON_KEY, (const char *) bytes, length);
}

static int
take_object(void *context)
{
	return give(context, JSON_OBJECT, "", 0);
}

static int
take_object_end(void *context)
{
	return give(context, JSON_OBJECT_END, "", 0);
}

static int
take_array(void *context)
{
	return give(context, JSON_ARRAY, "", 0);
}

static int
take_array_end(void *context)
{
	return give(context, JSON_ARRAY_END, "", 0);
}

static const yajl_callbacks callbacks = {.yajl_null = take_null,
										 .yajl_boolean = take_boolean,
										 .yajl_number = take_number,
										 .yajl_string = take_text,
										 .yajl_start_map = take_object,
										 .yajl_map_key = take_key,
										 .yajl_end_map = take_object_end,
										 .yajl_start_array = take_array,
										 .yajl_end_array = take_array_end};

/* ---- pieces ---- */

static void give_up_parse(JsonEvents *events, size_t used) __attribute__((noreturn));

/* yajl's words name no value of the file. */
static void
give_up_parse(JsonEvents *events, size_t used)
{
	char message[256];
	unsigned char *words = yajl_get_error(events->parser, 0, NULL, 0);

	snprintf(message, sizeof(message), "The file is not valid JSON: %s",
			 words ? strchr((char *) words, ':') ? strchr((char *) words, ':') + 2 : (char *) words : "");
	message[strcspn(message, "\n")] = '\0';
	yajl_free_error(events->parser, words);
	give_up_at(events, used, "protocol", message);
}

static void
check_status(JsonEvents *events, yajl_status status)
{
	size_t used = taken(events);

	if (used > events->length)
		used = events->length;
	if (events->fault)
		give_up_at(events, used, events->fault_code, events->fault);
	if (status != yajl_status_ok)
		give_up_parse(events, used);
}

/* Behind the last event of a piece: bytes that are no text show only then. */
static void
check_text(const JsonEvents *events)
{
	if (events->text.is_invalid)
		give_up_at(events, events->length, "protocol",
				   "The file is not valid JSON: near here it has bytes that are no UTF-8.");
	if (events->text.zeros > 0)
		give_up_at(events, events->length, "protocol",
				   "The file is not valid JSON: near here it has a NUL character.");
}

void
json_events_begin(JsonEvents *events, const StoredFile *file, JsonTaker take, void *context)
{
	memset(events, 0, sizeof(*events));
	events->take = take;
	events->context = context;
	text_begin(&events->text, file, ENCODING_UNKNOWN);
	events->parser = yajl_alloc(&callbacks, NULL, events);
	if (events->parser == NULL)
		give_up_out_of_memory();
	yajl_config(events->parser, yajl_allow_multiple_values, 1);
}

static void
finish(JsonEvents *events)
{
	yajl_status status;

	events->has_ended = true;
	events->length = 0;
	check_text(events);
	if (!events->has_text)
		give_up_at(events, 0, "protocol", "The file has no JSON value.");
	status = yajl_complete_parse(events->parser);
	check_status(events, status);
}

void
json_events_refuse(JsonEvents *events, const char *fault)
{
	fails(events, "protocol", fault);
}

/* yajl takes two characters for white space that are none. */
static void
check_spaces(const JsonEvents *events)
{
	const char *feed = memchr(events->piece, '\f', events->length);

	if (feed == NULL)
		feed = memchr(events->piece, '\v', events->length);
	if (feed)
		give_up_at(events, (size_t) (feed - events->piece) + 1, "protocol",
				   "The file is not valid JSON: it has a control character.");
}

static bool
is_mark(char byte)
{
	return byte == ',' || byte == ':' || byte == '[' || byte == ']' || byte == '{' || byte == '}';
}

/*
 * Sets the length of the piece if it ends in what was not yet looked at: behind white space or a mark that is
 * not in a text. No text goes on over the end of a line.
 */
static void
find_end(JsonEvents *events)
{
	bool in_text = events->in_text;
	bool is_escaped = events->is_escaped;
	bool has_text = events->has_text;
	size_t end = events->length;

	for (size_t i = events->looked_at; i < events->filled; i++)
	{
		char byte = events->piece[i];

		if (byte == '\n')
			in_text = is_escaped = false;
		else if (in_text)
		{
			in_text = is_escaped || byte != '"';
			is_escaped = !is_escaped && byte == '\\';
			continue;
		}
		else if (byte == '"')
			in_text = true;
		has_text = has_text || !is_space(byte);
		if (!in_text && (is_space(byte) || is_mark(byte)))
			end = i + 1;
	}
	events->looked_at = events->filled;
	events->in_text = in_text;
	events->is_escaped = is_escaped;
	events->has_text = has_text;
	events->length = end;
}

static void
forget_piece(JsonEvents *events)
{
	move_place(events, events->length, &events->line, &events->column);
	if (events->filled > events->length)
		memmove(events->piece, events->piece + events->length, events->filled - events->length);
	events->filled -= events->length;
	events->looked_at -= events->length;
	events->length = 0;
}

static void
make_room(JsonEvents *events)
{
	if (events->filled >= MOST_VALUE_BYTES)
		give_up_at(events, events->filled, "too_large", "A value in the file is longer than 16 MiB.");
	if (events->capacity - events->filled >= FIRST_CAPACITY / 2)
		return;
	events->capacity = events->capacity ? 2 * events->capacity : FIRST_CAPACITY;
	events->piece = reallocate(events->piece, events->capacity);
}

/* A value that goes on in the next piece would be looked at again from its beginning: a piece has whole ones.
 */
static void
read_piece(JsonEvents *events)
{
	while (events->length == 0)
	{
		size_t length;

		make_room(events);
		length = text_read(&events->text, events->piece + events->filled, events->capacity - events->filled);
		events->filled += length;
		find_end(events);
		if (length == 0 || events->text.is_invalid || events->text.zeros > 0)
			events->length = events->filled;
		if (length == 0)
			return;
	}
}

bool
json_events_next(JsonEvents *events)
{
	yajl_status status;

	forget_piece(events);
	read_piece(events);
	if (events->length == 0)
	{
		finish(events);
		return false;
	}
	if (events->must_separate && !is_space(events->piece[0]))
		give_up_at(events, 1, "protocol", "The file is not valid JSON: something follows a value at once.");
	events->must_separate = false;
	status = yajl_parse(events->parser, (const unsigned char *) events->piece, events->length);
	check_status(events, status);
	check_spaces(events);
	check_text(events);
	return true;
}

void
json_events_end(JsonEvents *events)
{
	yajl_free(events->parser);
	wire_free(&events->cleaned);
	text_end(&events->text);
	free(events->piece);
}
