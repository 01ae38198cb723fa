/*
 * memchr finds tabs and newlines many bytes at a time. Backslashes are rare, so only the place of the next
 * one is kept: a field that ends before it is plain.
 */
#include "copy_text.h"

#include <string.h>

static char *
find(char *from, char *end, char wanted)
{
	char *found = from < end ? memchr(from, wanted, (size_t) (end - from)) : NULL;

	return found != NULL ? found : end;
}

void
wire_rows_begin(WireRows *rows, char *bytes, size_t length)
{
	rows->position = bytes;
	rows->end = bytes + length;
	rows->backslash = find(bytes, rows->end, '\\');
	rows->ended = false;
}

/* The character that an escape stands for, or 0. */
static char
escaped(char letter)
{
	switch (letter)
	{
		case 'b':
			return '\b';
		case 'f':
			return '\f';
		case 'n':
			return '\n';
		case 'r':
			return '\r';
		case 't':
			return '\t';
		case 'v':
			return '\v';
		case '\\':
			return '\\';
		default:
			return 0;
	}
}

/* Replaces the escapes of the field that ends at `end`, from the first one on. */
static bool
unescape(WireField *field, char *from, const char *end)
{
	char *to = from;

	while (from < end)
	{
		if (*from != '\\')
		{
			*to++ = *from++;
			continue;
		}
		/* The byte at end is the delimiter, and no letter of an escape. */
		if ((*to++ = escaped(from[1])) == 0)
			return false;
		from += 2;
	}
	*to = '\0';
	field->length = (size_t) (to - field->text);
	return true;
}

/* A field with a backslash. */
static const char *
decode(WireRows *rows, WireField *field, char *end)
{
	char *first = rows->backslash;

	rows->backslash = find(end, rows->end, '\\');
	if (first == field->text && end - first == 2 && first[1] == 'N')
	{
		*field = (WireField){NULL, 0};
		return NULL;
	}
	return unescape(field, first, end) ? NULL : "a field has an escape that COPY does not write";
}

static const char *
take(WireRows *rows, WireField *field, char *end)
{
	field->text = rows->position;
	field->length = (size_t) (end - rows->position);
	rows->position = end + 1;
	if (rows->backslash < end)
		return decode(rows, field, end);
	*end = '\0';
	return NULL;
}

const char *
wire_rows_next(WireRows *rows, WireField *fields, int columns)
{
	const char *fault = NULL;
	char *line_end;

	if ((rows->ended = rows->position >= rows->end))
		return NULL;
	if ((line_end = find(rows->position, rows->end, '\n')) == rows->end)
		return "the last row has no end";
	for (int i = 0; i < columns && fault == NULL; i++)
	{
		char *end = find(rows->position, line_end, '\t');

		if ((end == line_end) != (i == columns - 1))
			return end == line_end ? "a row has fewer columns than were asked for"
								   : "a row has more columns than were asked for";
		fault = take(rows, &fields[i], end);
	}
	return fault;
}
