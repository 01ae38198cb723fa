/*
 * writer.c — a growing buffer that JSON is written into.
 */
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define FIRST_CAPACITY  4096
#define LONGEST_STRETCH 4096

/* U+FFFD, the replacement character. */
#define REPLACEMENT "\xEF\xBF\xBD"

/* Zeroes the old memory, which realloc would not: requests hold credentials. */
static void
discard(WireBuffer *buffer)
{
	if (buffer->data)
		explicit_bzero(buffer->data, buffer->capacity);
	free(buffer->data);
}

/* Makes room for `length` more bytes. Returns their place, or NULL after marking the buffer as failed. */
static char *
reserve(WireBuffer *buffer, size_t length)
{
	size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
	char *data;

	if (buffer->failed)
		return NULL;
	if (buffer->data != NULL && buffer->capacity - buffer->length >= length)
		return buffer->data + buffer->length;

	while (capacity - buffer->length < length && capacity <= SIZE_MAX / 2)
		capacity *= 2;
	data = capacity - buffer->length >= length ? malloc(capacity) : NULL;
	if (data == NULL)
	{
		buffer->failed = true;
		return NULL;
	}
	if (buffer->length > 0)
		memcpy(data, buffer->data, buffer->length);
	discard(buffer);
	buffer->data = data;
	buffer->capacity = capacity;
	return data + buffer->length;
}

void
wire_append(WireBuffer *buffer, const char *bytes, size_t length)
{
	char *out = reserve(buffer, length);

	/* Nothing may be a NULL pointer, which memcpy does not take. */
	if (out == NULL || length == 0)
		return;
	memcpy(out, bytes, length);
	buffer->length += length;
}

void
wire_append_text(WireBuffer *buffer, const char *text)
{
	wire_append(buffer, text, strlen(text));
}

void
wire_append_integer(WireBuffer *buffer, int64_t value)
{
	char digits[20];
	char *at = digits + sizeof(digits);
	uint64_t rest = value < 0 ? -(uint64_t) value : (uint64_t) value;

	do
	{
		*--at = (char) ('0' + rest % 10);
		rest /= 10;
	} while (rest);
	if (value < 0)
		*--at = '-';
	wire_append(buffer, at, (size_t) (digits + sizeof(digits) - at));
}

size_t
wire_utf8_length(const char *text, size_t available)
{
	const unsigned char *bytes = (const unsigned char *) text;
	unsigned char first = bytes[0];
	size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

	if (length == 1)
		return 1;
	if (first < 0xC2 || first > 0xF4 || available < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((bytes[i] & 0xC0) != 0x80)
			return 0;
	/* The second byte shows overlong forms, surrogates, and values beyond U+10FFFF. */
	if ((first == 0xE0 && bytes[1] < 0xA0) || (first == 0xED && bytes[1] > 0x9F) ||
		(first == 0xF0 && bytes[1] < 0x90) || (first == 0xF4 && bytes[1] > 0x8F))
		return 0;
	return length;
}

/* Writes the escape of an ASCII character that must be escaped in a string. */
static char *
put_escape(char *out, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";
	static const char characters[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	const char *character = strchr(characters, byte);

	*out++ = '\\';
	if (character)
		*out++ = letters[character - characters];
	else
	{
		memcpy(out, "u00", 3);
		out[3] = digits[byte >> 4];
		out[4] = digits[byte & 15];
		out += 5;
	}
	return out;
}

/* Writes one character that is not plain. Returns how many bytes of the text it took. */
static size_t
put_special(char **out, const char *text, size_t available)
{
	unsigned char byte = (unsigned char) text[0];
	size_t length = wire_utf8_length(text, available);

	if (byte == 0 || length == 0)
	{
		/* jsonb cannot hold a NUL either. */
		memcpy(*out, REPLACEMENT, 3);
		*out += 3;
		return 1;
	}
	if (length == 1)
		*out = put_escape(*out, byte);
	else
	{
		memcpy(*out, text, length);
		*out += length;
	}
	return length;
}

/* Escapes at least `stretch` bytes, and the rest of the character that these end in; returns how many it
 * took. */
static size_t
put_stretch(WireBuffer *buffer, const char *bytes, size_t stretch, size_t available)
{
	/* The longest that a byte can become is \u00xx; a character is at most four bytes long. */
	char *out = reserve(buffer, 6 * stretch + 4);
	size_t at = 0;

	if (out == NULL)
		return available;
	while (at < stretch)
	{
		unsigned char byte = (unsigned char) bytes[at];

		if (byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\')
		{
			*out++ = (char) byte;
			at++;
		}
		else
			at += put_special(&out, bytes + at, available - at);
	}
	buffer->length = (size_t) (out - buffer->data);
	return at;
}

void
wire_append_string(WireBuffer *buffer, const char *bytes, size_t length)
{
	size_t at = 0;

	wire_append(buffer, "\"", 1);
	/* In pieces, so that the worst case is never reserved for the whole of a long text. */
	while (at < length)
	{
		size_t stretch = length - at < LONGEST_STRETCH ? length - at : LONGEST_STRETCH;

		at += put_stretch(buffer, bytes + at, stretch, length - at);
	}
	wire_append(buffer, "\"", 1);
}

void
wire_reset(WireBuffer *buffer)
{
	buffer->length = 0;
	buffer->failed = false;
}

void
wire_free(WireBuffer *buffer)
{
	discard(buffer);
	*buffer = (WireBuffer){0};
}
