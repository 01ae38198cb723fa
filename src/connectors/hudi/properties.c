#include "connectors/hudi/properties.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "wire/wire.h"

/* ---- lines ---- */

/* What is left of a text. */
typedef struct Cursor
{
	const char *at;
	const char *end;
} Cursor;

static bool
is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\f';
}

static bool
is_line_end(char byte)
{
	return byte == '\n' || byte == '\r';
}

static void
skip_spaces(Cursor *in)
{
	while (in->at < in->end && is_space(*in->at))
		in->at++;
}

static void
skip_line_end(Cursor *in)
{
	if (in->end - in->at >= 2 && in->at[0] == '\r' && in->at[1] == '\n')
		in->at += 2;
	else if (in->at < in->end)
		in->at++;
}

/* Appends the rest of the line. Does it go on with the next one? */
static bool
take_line(Cursor *in, WireBuffer *line)
{
	const char *start = in->at;
	bool is_escaped = false;

	while (in->at < in->end && !is_line_end(*in->at))
	{
		is_escaped = !is_escaped && *in->at == '\\';
		in->at++;
	}
	wire_append(line, start, (size_t) (in->at - start) - (is_escaped ? 1 : 0));
	skip_line_end(in);
	return is_escaped && in->at < in->end;
}

/* Reads the next line that has a property, with those that it goes on with. */
static bool
next_line(Cursor *in, WireBuffer *line)
{
	WireBuffer comment = {.data = NULL};

	wire_reset(line);
	for (;;)
	{
		while (in->at < in->end && (is_space(*in->at) || is_line_end(*in->at)))
			in->at++;
		if (in->at == in->end)
			return false;
		if (*in->at != '#' && *in->at != '!')
			break;
		(void) take_line(in, &comment);
		wire_free(&comment);
	}
	while (take_line(in, line))
		skip_spaces(in);
	return true;
}

/* ---- characters ---- */

static int
hex_digit(char byte)
{
	if (!isxdigit((unsigned char) byte))
		return -1;
	return isdigit((unsigned char) byte) ? byte - '0' : tolower((unsigned char) byte) - 'a' + 10;
}

/* The four digits of \uXXXX, or -1. */
static int
peek_code(const Cursor *in)
{
	int code = 0;

	if (in->end - in->at < 6 || in->at[0] != '\\' || in->at[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++)
	{
		int digit = hex_digit(in->at[i]);

		if (digit < 0)
			return -1;
		code = code * 16 + digit;
	}
	return code;
}

static void
append_character(WireBuffer *out, int code)
{
	char bytes[4];
	size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const int marks[] = {0, 0, 0xC0, 0xE0, 0xF0};

	if (code == 0)
		return;
	for (size_t i = length - 1; i > 0; i--)
	{
		bytes[i] = (char) (0x80 | (code & 0x3F));
		code >>= 6;
	}
	bytes[0] = (char) (marks[length] | code);
	wire_append(out, bytes, length);
}

/* Two escapes may be the halves of one character. */
static void
append_escaped_code(WireBuffer *out, Cursor *in, int code)
{
	int low;

	in->at += 6;
	if (code >= 0xD800 && code <= 0xDBFF)
	{
		low = peek_code(in);
		if (low >= 0xDC00 && low <= 0xDFFF)
		{
			in->at += 6;
			append_character(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
			return;
		}
	}
	append_character(out, code >= 0xD800 && code <= 0xDFFF ? 0xFFFD : code);
}

static int
escaped(char byte)
{
	switch (byte)
	{
		case 't':
			return '\t';
		case 'n':
			return '\n';
		case 'r':
			return '\r';
		case 'f':
			return '\f';
		default:
			return (unsigned char) byte;
	}
}

static void
append_next(WireBuffer *out, Cursor *in)
{
	int code = peek_code(in);

	if (code >= 0)
		append_escaped_code(out, in, code);
	else if (*in->at == '\\' && in->end - in->at >= 2)
	{
		append_character(out, escaped(in->at[1]));
		in->at += 2;
	}
	else
		append_character(out, (unsigned char) *in->at++);
}

static char *
finish(WireBuffer *text)
{
	wire_append(text, "", 1);
	if (text->failed)
		give_up_out_of_memory();
	return text->data;
}

/* ---- properties ---- */

static char *
take_name(Cursor *in)
{
	WireBuffer name = {.data = NULL};

	while (in->at < in->end && *in->at != '=' && *in->at != ':' && !is_space(*in->at))
		append_next(&name, in);
	skip_spaces(in);
	if (in->at < in->end && (*in->at == '=' || *in->at == ':'))
		in->at++;
	skip_spaces(in);
	return finish(&name);
}

static char *
take_value(Cursor *in)
{
	WireBuffer value = {.data = NULL};

	while (in->at < in->end)
		append_next(&value, in);
	return finish(&value);
}

/* Room is made for a power of two. */
static void
add_property(HudiProperties *properties, Cursor line)
{
	int count = properties->count;

	if ((count & (count - 1)) == 0)
		properties->items =
			reallocate(properties->items, (size_t) (count == 0 ? 1 : 2 * count) * sizeof(HudiProperty));
	properties->items[count].name = take_name(&line);
	properties->items[count].value = take_value(&line);
	properties->count++;
}

void
hudi_properties_parse(HudiProperties *properties, const char *text, size_t length)
{
	Cursor in = {.at = text, .end = text + length};
	WireBuffer line = {.data = NULL};

	*properties = (HudiProperties){.items = NULL};
	while (next_line(&in, &line))
	{
		if (line.failed)
			give_up_out_of_memory();
		if (line.length > 0)
			add_property(properties, (Cursor){.at = line.data, .end = line.data + line.length});
	}
	wire_free(&line);
}

void
hudi_properties_free(HudiProperties *properties)
{
	for (int i = 0; i < properties->count; i++)
	{
		free(properties->items[i].name);
		free(properties->items[i].value);
	}
	free(properties->items);
	*properties = (HudiProperties){.items = NULL};
}

const char *
hudi_property(const HudiProperties *properties, const char *name)
{
	for (int i = properties->count - 1; i >= 0; i--)
		if (strcmp(properties->items[i].name, name) == 0)
			return properties->items[i].value;
	return NULL;
}

bool
hudi_property_is_true(const HudiProperties *properties, const char *name, bool fallback)
{
	const char *value = hudi_property(properties, name);

	return value ? strcasecmp(value, "true") == 0 : fallback;
}
