/*
 * text.c — cleans a text from outside for people and for the catalog.
 */
#include <string.h>

#include "wire.h"

#define REPLACEMENT "\xEF\xBF\xBD"
#define ELLIPSIS    "\xE2\x80\xA6"
#define MARK_BYTES  3

typedef unsigned char Byte;

/* C0, DEL and C1, line and paragraph separators, and characters that change the direction of text. */
static bool
is_control(const char *text, size_t length)
{
	const Byte *bytes = (const Byte *) text;

	if (length == 1)
		return bytes[0] < 0x20 || bytes[0] == 0x7F;
	if (length == 2)
		return bytes[0] == 0xC2 && bytes[1] < 0xA0;
	if (length != 3 || bytes[0] != 0xE2)
		return false;
	return (bytes[1] == 0x80 && bytes[2] >= 0xA8 && bytes[2] <= 0xAE) ||
		   (bytes[1] == 0x81 && bytes[2] >= 0xA6 && bytes[2] <= 0xA9);
}

/* Returns the replacement for the next character, of `length` bytes; 0: the bytes are no character. */
static WireSpan
clean_character(const char *text, size_t length)
{
	if (length == 0)
		return (WireSpan){REPLACEMENT, MARK_BYTES};
	if (is_control(text, length))
		return (WireSpan){" ", 1};
	return (WireSpan){text, length};
}

static size_t
without_trailing_space(const char *text, size_t length)
{
	while (length > 0 && text[length - 1] == ' ')
		length--;
	return length;
}

/* `fits` is the length at which the text is cut if an ellipsis has to follow. */
size_t
wire_clean(const char *text, size_t length, char *out, size_t size)
{
	size_t at = 0;
	size_t written = 0;
	size_t fits = 0;

	while (at < length)
	{
		size_t character = wire_utf8_length(text + at, length - at);
		WireSpan clean = clean_character(text + at, character);

		if (written + clean.length >= size)
			break;
		memcpy(out + written, clean.start, clean.length);
		written += clean.length;
		at += character > 0 ? character : 1;
		if (written + MARK_BYTES < size)
			fits = written;
	}
	written = without_trailing_space(out, at < length ? fits : written);
	if (at < length && written + MARK_BYTES < size)
	{
		memcpy(out + written, ELLIPSIS, MARK_BYTES);
		written += MARK_BYTES;
	}
	out[written] = '\0';
	return written;
}
