/*
 * value.c — decodes values of a text that reader.c found valid.
 */
#include <stdlib.h>
#include <string.h>

#include "characters.h"
#include "wire.h"

static char *
put_utf8(char *out, int code)
{
	if (code < 0x80)
		*out++ = (char) code;
	else if (code < 0x800)
	{
		*out++ = (char) (0xC0 | code >> 6);
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	else if (code < 0x10000)
	{
		*out++ = (char) (0xE0 | code >> 12);
		*out++ = (char) (0x80 | (code >> 6 & 0x3F));
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	else
	{
		*out++ = (char) (0xF0 | code >> 18);
		*out++ = (char) (0x80 | (code >> 12 & 0x3F));
		*out++ = (char) (0x80 | (code >> 6 & 0x3F));
		*out++ = (char) (0x80 | (code & 0x3F));
	}
	return out;
}

/* Decodes one escape. at: the letter after the backslash. */
static const Byte *
decode_escape(const Byte *at, const Byte *end, char **out)
{
	static const char letters[] = "bfnrt";
	static const char meanings[] = "\b\f\n\r\t";
	const char *letter;
	int code;

	if (*at != 'u')
	{
		letter = strchr(letters, *at);
		*(*out)++ = letter ? meanings[letter - letters] : (char) *at;
		return at + 1;
	}
	code = hex_quad(at + 1, end);
	at += 5;
	if (is_high_surrogate(code))
	{
		code = 0x10000 + ((code - 0xD800) << 10) + (hex_quad(at + 2, end) - 0xDC00);
		at += 6;
	}
	*out = put_utf8(*out, code);
	return at;
}

/* Decodes into out, which has room for the whole span: an escape is never shorter than its character. */
static size_t
decode_string(WireSpan value, char *out)
{
	const Byte *at = (const Byte *) value.start + 1;
	const Byte *end = (const Byte *) value.start + value.length - 1;
	char *start = out;

	while (at < end)
	{
		const Byte *backslash = memchr(at, '\\', (size_t) (end - at));
		size_t plain = (size_t) ((backslash ? backslash : end) - at);

		memcpy(out, at, plain);
		out += plain;
		at += plain;
		if (backslash)
			at = decode_escape(at + 1, end, &out);
	}
	*out = '\0';
	return (size_t) (out - start);
}

static bool
is_string(WireSpan value)
{
	return value.start != NULL && value.start[0] == '"';
}

char *
wire_string_dup(WireSpan value)
{
	char *text;

	if (!is_string(value))
		return NULL;
	text = malloc(value.length);
	if (text != NULL)
		decode_string(value, text);
	return text;
}

ssize_t
wire_string(WireSpan value, char *buffer, size_t size)
{
	char *text;
	size_t length;

	if (!is_string(value))
		return -1;
	if (value.length - 1 <= size)
		return (ssize_t) decode_string(value, buffer);

	/*
	 * A string with many escapes may still fit. This is rare, so it is decoded into memory of its own first.
	 */
	text = wire_string_dup(value);
	if (text == NULL)
		return -1;
	length = strlen(text);
	if (length < size)
		memcpy(buffer, text, length + 1);
	explicit_bzero(text, length);
	free(text);
	return length < size ? (ssize_t) length : -1;
}

bool
wire_integer(WireSpan value, int64_t *result)
{
	size_t at = 0;
	bool negative;
	int64_t number = 0;

	if (value.start == NULL || !(is_digit((Byte) value.start[0]) || value.start[0] == '-'))
		return false;
	negative = value.start[0] == '-';
	for (at = negative; at < value.length; at++)
	{
		if (!is_digit((Byte) value.start[at]))
			return false;
		/* Counted downwards: the smallest int64 has no positive counterpart. */
		if (__builtin_mul_overflow(number, 10, &number) ||
			__builtin_sub_overflow(number, value.start[at] - '0', &number))
			return false;
	}
	if (!negative && number == INT64_MIN)
		return false;
	*result = negative ? number : -number;
	return true;
}

bool
wire_boolean(WireSpan value, bool *result)
{
	if (value.start == NULL || (value.start[0] != 't' && value.start[0] != 'f'))
		return false;
	*result = value.start[0] == 't';
	return true;
}

/* at: the opening quote. Returns the place after the closing quote. */
static const char *
skip_string(const char *at)
{
	for (at++; *at != '"'; at++)
		at += *at == '\\';
	return at + 1;
}

/* The text is known to be valid, so brackets match and every value ends before its array does. */
static const char *
skip_value(const char *at)
{
	int depth = 0;

	for (;;)
	{
		if (*at == '"')
			at = skip_string(at);
		else if (depth == 0 && (*at == ',' || *at == ']'))
			return at;
		else
		{
			depth += (*at == '[' || *at == '{') - (*at == ']' || *at == '}');
			at++;
		}
	}
}

static bool
is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

bool
wire_array_next(WireSpan *rest, WireSpan *element)
{
	const char *at = rest->start;
	const char *end;

	if (at == NULL || (*at != '[' && *at != ','))
		return false;
	for (at++; is_space(*at); at++)
		;
	if (*at == ']')
		return false;
	end = skip_value(at);
	rest->length -= (size_t) (end - rest->start);
	rest->start = end;
	while (is_space(end[-1]))
		end--;
	*element = (WireSpan){at, (size_t) (end - at)};
	return true;
}
