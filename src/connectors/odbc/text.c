/*
 * text.c — converts between UTF-8 and UTF-16.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/odbc/text.h"

#define REPLACEMENT 0xFFFD

/* Reads a character, which is valid if wire_utf8_length() says so. */
static uint32_t
read_character(const unsigned char **at, size_t left)
{
	size_t length = wire_utf8_length((const char *) *at, left);
	uint32_t character = length <= 1 ? **at : **at & (0xFF >> (length + 1));

	for (size_t i = 1; i < length; i++)
		character = character << 6 | ((*at)[i] & 0x3F);
	*at += length == 0 ? 1 : length;
	return length == 0 ? REPLACEMENT : character;
}

SQLWCHAR *
wide_text(const char *text)
{
	size_t length = strlen(text);
	const unsigned char *at = (const unsigned char *) text;
	const unsigned char *end = at + length;
	SQLWCHAR *wide = allocate((length + 1) * sizeof(SQLWCHAR));
	size_t count = 0;

	while (at < end)
	{
		uint32_t character = read_character(&at, (size_t) (end - at));

		if (character > 0xFFFF)
		{
			wide[count++] = (SQLWCHAR) (0xD800 + ((character - 0x10000) >> 10));
			character = 0xDC00 + ((character - 0x10000) & 0x3FF);
		}
		wide[count++] = (SQLWCHAR) character;
	}
	wide[count] = 0;
	return wide;
}

void
forget_wide_text(SQLWCHAR *text)
{
	size_t length = 0;

	while (text[length] != 0)
		length++;
	explicit_bzero(text, length * sizeof(SQLWCHAR));
	free(text);
}

static void
append_character(WireBuffer *out, uint32_t character)
{
	char bytes[4];
	size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;

	for (size_t i = length - 1; i > 0; i--, character >>= 6)
		bytes[i] = (char) (0x80 | (character & 0x3F));
	bytes[0] = (char) (length == 1 ? character : (0xF00 >> length) | character);
	wire_append(out, bytes, length);
}

void
append_narrow(WireBuffer *out, const SQLWCHAR *text, size_t units, bool *is_broken)
{
	for (size_t i = 0; i < units; i++)
	{
		uint32_t character = text[i];
		bool is_first_half = character >= 0xD800 && character < 0xDC00;

		if (is_first_half && i + 1 < units && text[i + 1] >= 0xDC00 && text[i + 1] < 0xE000)
			character = 0x10000 + ((character - 0xD800) << 10) + (text[++i] - 0xDC00u);
		else if (character >= 0xD800 && character < 0xE000)
		{
			character = REPLACEMENT;
			if (is_broken)
				*is_broken = true;
		}
		append_character(out, character);
	}
}
