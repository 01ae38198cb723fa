#include "spelling.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned char Byte;

#define REPLACEMENT "\xEF\xBF\xBD"

static void
add_end(RgEnds *ends, size_t at)
{
	for (int i = 0; i < ends->count; i++)
		if (ends->at[i] == at)
			return;
	if (ends->count < RG_MOST_ENDS)
		ends->at[ends->count++] = at;
}

static bool
begins_with(WireSpan text, size_t at, const char *word, size_t length)
{
	return at <= text.length && text.length - at >= length && memcmp(text.start + at, word, length) == 0;
}

/* The value of exactly `digits` digits, or -1. */
static long
number_at(WireSpan text, size_t at, size_t digits, int base)
{
	char copy[9] = {0};
	char *end;
	long value;

	if (at > text.length || text.length - at < digits || digits >= sizeof(copy))
		return -1;
	memcpy(copy, text.start + at, digits);
	if (copy[0] == '-' || copy[0] == '+' || copy[0] == ' ')
		return -1;
	value = strtol(copy, &end, base);
	return end == copy + digits ? value : -1;
}

/* The length of an escape that stands for the byte, or 0. */
static size_t
escaped_byte(WireSpan text, size_t at, Byte byte)
{
	if (begins_with(text, at, "%", 1) && number_at(text, at + 1, 2, 16) == byte)
		return 3;
	if (begins_with(text, at, "\\x", 2) && number_at(text, at + 2, 2, 16) == byte)
		return 4;
	if (begins_with(text, at, "\\", 1) && number_at(text, at + 1, 3, 8) == byte)
		return 4;
	return 0;
}

static void
add_escaped_bytes(WireSpan text, size_t at, WireSpan character, RgEnds *ends)
{
	for (size_t i = 0; i < character.length; i++)
	{
		size_t taken = escaped_byte(text, at, (Byte) character.start[i]);

		if (taken == 0)
			return;
		at += taken;
	}
	add_end(ends, at);
}

static uint32_t
code_point(WireSpan character)
{
	const Byte *bytes = (const Byte *) character.start;
	uint32_t code = bytes[0];

	if (character.length == 1)
		return code;
	code &= 0x7F >> character.length;
	for (size_t i = 1; i < character.length; i++)
		code = code << 6 | (bytes[i] & 0x3F);
	return code;
}

static bool
is_unicode_escape(WireSpan text, size_t at, uint32_t unit)
{
	return (begins_with(text, at, "\\u", 2) || begins_with(text, at, "%u", 2)) &&
		   number_at(text, at + 2, 4, 16) == (long) unit;
}

static void
add_unicode_escapes(WireSpan text, size_t at, uint32_t code, RgEnds *ends)
{
	if (code < 0x10000 && is_unicode_escape(text, at, code))
		add_end(ends, at + 6);
	if (code >= 0x10000 && is_unicode_escape(text, at, 0xD800 + ((code - 0x10000) >> 10)) &&
		is_unicode_escape(text, at + 6, 0xDC00 + ((code - 0x10000) & 0x3FF)))
		add_end(ends, at + 12);
	if (begins_with(text, at, "\\U", 2) && number_at(text, at + 2, 8, 16) == (long) code)
		add_end(ends, at + 10);
}

/* &#228; and &#xE4; */
static void
add_numbered_entity(WireSpan text, size_t at, uint32_t code, RgEnds *ends)
{
	bool hexadecimal;
	size_t digits = 0;

	if (!begins_with(text, at, "&#", 2))
		return;
	at += 2;
	hexadecimal = begins_with(text, at, "x", 1) || begins_with(text, at, "X", 1);
	at += hexadecimal;
	while (at + digits < text.length && digits < 8 && text.start[at + digits] != ';')
		digits++;
	if (digits > 0 && begins_with(text, at + digits, ";", 1) &&
		number_at(text, at, digits, hexadecimal ? 16 : 10) == (long) code)
		add_end(ends, at + digits + 1);
}

static void
add_named_entity(WireSpan text, size_t at, char byte, RgEnds *ends)
{
	static const char characters[] = "&<>\"'";
	static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
	const char *found = byte ? strchr(characters, byte) : NULL;

	if (found != NULL && begins_with(text, at, names[found - characters], strlen(names[found - characters])))
		add_end(ends, at + strlen(names[found - characters]));
}

/* An ASCII character behind a backslash, as a plus sign, or doubled. */
static void
add_short_escapes(WireSpan text, size_t at, char byte, RgEnds *ends)
{
	static const char meanings[] = "\b\f\n\r\t\v\a\x1b";
	static const char letters[] = "bfnrtvae";
	const char *meaning = byte ? strchr(meanings, byte) : NULL;
	char escape[2] = {'\\', meaning ? letters[meaning - meanings] : byte};
	char doubled[2] = {byte, byte};

	if (meaning != NULL || strchr("\"'\\/`$&", byte) != NULL)
	{
		if (begins_with(text, at, escape, 2))
			add_end(ends, at + 2);
	}
	if (strchr("\"'%`]", byte) != NULL && begins_with(text, at, doubled, 2))
		add_end(ends, at + 2);
	if (byte == ' ' && begins_with(text, at, "+", 1))
		add_end(ends, at + 1);
}

/* A replacement for the character or for each of its bytes, or its byte in Latin-1. */
static void
add_lossy(WireSpan text, size_t at, WireSpan character, RgEnds *ends)
{
	static const char *const replacements[] = {"?", REPLACEMENT};
	uint32_t code = code_point(character);

	for (int i = 0; i < 2; i++)
	{
		size_t size = strlen(replacements[i]);
		size_t times = 0;

		while (times < character.length && begins_with(text, at + times * size, replacements[i], size))
			times++;
		if (times >= 1)
			add_end(ends, at + size);
		if (times == character.length)
			add_end(ends, at + times * size);
	}
	if (code < 0x100 && at < text.length && (Byte) text.start[at] == code)
		add_end(ends, at + 1);
	if (code < 0x100 && escaped_byte(text, at, (Byte) code) > 0)
		add_end(ends, at + escaped_byte(text, at, (Byte) code));
}

/*
 * Fast path: a text without escapes has one spelling only, and most places do not match even the first
 * character.
 */
void
rg_spellings(WireSpan text, size_t at, WireSpan character, bool lossy, RgEnds *ends)
{
	bool ascii = character.length == 1;
	Byte here = at < text.length ? (Byte) text.start[at] : 0;

	if (begins_with(text, at, character.start, character.length))
		add_end(ends, at + character.length);
	if (here == '\\' || here == '%')
	{
		add_escaped_bytes(text, at, character, ends);
		add_unicode_escapes(text, at, code_point(character), ends);
	}
	if (here == '&')
		add_numbered_entity(text, at, code_point(character), ends);
	if (here == '&' && ascii)
		add_named_entity(text, at, character.start[0], ends);
	if (ascii && (here == '\\' || here == '+' || here == (Byte) character.start[0]))
		add_short_escapes(text, at, character.start[0], ends);
	if (!ascii && lossy && at < text.length)
		add_lossy(text, at, character, ends);
}
