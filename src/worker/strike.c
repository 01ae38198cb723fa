/*
 * strike.c — finds a secret in a text that a connector wrote.
 *
 * A client library that fails may repeat its input in any spelling, which may change from one character to
 * the next. So the secret is matched character by character, each in any spelling (spelling.c); all possible
 * positions are followed side by side. Base64 and hexadecimal do not keep characters: there the bits are
 * compared.
 */
#include "strike.h"

#include <stdint.h>
#include <string.h>

#include "spelling.h"

typedef unsigned char Byte;

#define FEWEST_CHARACTERS 3
#define FEWEST_OF_LINE    8 /* a shorter line of a longer secret reveals little and occurs in many texts */
#define FEWEST_SEXTETS    6
#define FEWEST_AT_END     8 /* the text was cut within the secret */
#define FEWEST_ASCII      4 /* enough to recognize a secret whose other characters were replaced */

static void
mark(bool *marks, size_t from, size_t to)
{
	memset(marks + from, true, to - from);
}

/* ---- character by character ---- */

static WireSpan
character_at(WireSpan secret, size_t at)
{
	size_t length = wire_utf8_length(secret.start + at, secret.length - at);

	return (WireSpan){secret.start + at, length > 0 ? length : 1};
}

static size_t
count_characters(WireSpan secret, bool only_ascii)
{
	size_t count = 0;

	for (size_t at = 0; at < secret.length; at += character_at(secret, at).length)
		count += !only_ascii || (Byte) secret.start[at] < 0x80;
	return count;
}

/* The end of the longest spelling that starts at `start`, or 0. The text may end before the secret does. */
static size_t
spelled_until(WireSpan text, size_t start, WireSpan secret, bool lossy)
{
	RgEnds here = {1, {start}};
	size_t characters = 0;
	size_t last = 0;

	for (size_t at = 0; at < secret.length; characters++)
	{
		WireSpan character = character_at(secret, at);
		RgEnds next = {0};

		for (int i = 0; i < here.count; i++)
		{
			if (here.at[i] == text.length && characters >= FEWEST_AT_END)
				return text.length;
			rg_spellings(text, here.at[i], character, lossy, &next);
		}
		if (next.count == 0)
			return 0;
		here = next;
		at += character.length;
	}
	for (int i = 0; i < here.count; i++)
		last = here.at[i] > last ? here.at[i] : last;
	return last;
}

static void
strike_spelled(WireSpan text, WireSpan secret, bool *marks)
{
	bool lossy = count_characters(secret, true) >= FEWEST_ASCII;

	for (size_t at = 0; at < text.length; at++)
	{
		size_t end = spelled_until(text, at, secret, lossy);

		if (end > at)
			mark(marks, at, end);
	}
}

/* ---- bit by bit ---- */

static int
hex_value(Byte byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The byte that two digits stand for, or -1. */
static int
hex_byte(WireSpan text, size_t at)
{
	int high = at + 2 <= text.length ? hex_value((Byte) text.start[at]) : -1;
	int low = high >= 0 ? hex_value((Byte) text.start[at + 1]) : -1;

	return low >= 0 ? high << 4 | low : -1;
}

static void
strike_hexadecimal(WireSpan text, WireSpan secret, bool *marks)
{
	for (size_t start = 0; start + 2 <= text.length; start++)
	{
		size_t i = 0;

		while (i < secret.length && hex_byte(text, start + 2 * i) == (Byte) secret.start[i])
			i++;
		if (i == secret.length)
			mark(marks, start, start + 2 * i);
		else if (start + 2 * i + 2 > text.length && i >= FEWEST_AT_END)
			mark(marks, start, text.length);
	}
}

/* The six bits that the text has at *at in either alphabet, or percent-encoded; steps over it. -1: none. */
static int
take_sextet(WireSpan text, size_t *at)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	Byte byte = *at < text.length ? (Byte) text.start[*at] : 0;
	size_t taken = 1;

	if (byte == '%' && hex_byte(text, *at + 1) >= 0)
	{
		byte = (Byte) hex_byte(text, *at + 1);
		taken = 3;
	}
	byte = byte == '-' ? '+' : byte == '_' ? '/' : byte;

	const char *found = byte ? memchr(alphabet, byte, sizeof(alphabet) - 1) : NULL;

	if (found == NULL)
		return -1;
	*at += taken;
	return (int) (found - alphabet);
}

/* Line breaks may stand anywhere. */
static size_t
skip_break(WireSpan text, size_t at)
{
	while (at < text.length && (text.start[at] == '\n' || text.start[at] == '\r'))
		at++;
	return at;
}

/* Bits `from` to from + 5 of the secret. */
static int
sextet_of(WireSpan secret, size_t from)
{
	const Byte *bytes = (const Byte *) secret.start + from / 8;
	unsigned int two = (unsigned int) bytes[0] << 8 | (from % 8 > 2 ? bytes[1] : 0);

	return (int) (two >> (10 - from % 8) & 0x3F);
}

/* Compares the sextets that lie wholly in the secret, the first at bit `from`. */
static size_t
encoded_until(WireSpan text, size_t start, WireSpan secret, size_t from)
{
	size_t at = start;
	size_t count = 0;

	for (size_t bit = from; bit + 6 <= 8 * secret.length; bit += 6, count++)
	{
		at = skip_break(text, at);
		if (at == text.length && count >= FEWEST_AT_END)
			return at;
		if (take_sextet(text, &at) != sextet_of(secret, bit))
			return 0;
	}
	return count >= FEWEST_SEXTETS ? at : 0;
}

/* The bits beside these sextets belong to their neighbours. */
static void
strike_base64(WireSpan text, WireSpan secret, bool *marks)
{
	for (size_t from = 0; from <= 4; from += 2)
	{
		for (size_t at = 0; at < text.length; at++)
		{
			size_t end = encoded_until(text, at, secret, from);

			if (end == 0)
				continue;
			(void) take_sextet(text, &end);
			mark(marks, at > 0 && from > 0 ? at - 1 : at, end);
		}
	}
}

/* ---- one secret ---- */

static WireSpan
trimmed(WireSpan span)
{
	while (span.length > 0 && (Byte) span.start[0] <= ' ')
	{
		span.start++;
		span.length--;
	}
	while (span.length > 0 && (Byte) span.start[span.length - 1] <= ' ')
		span.length--;
	return span;
}

static void
strike_one(WireSpan text, WireSpan secret, size_t fewest, bool *marks)
{
	if (count_characters(secret, false) < fewest)
		return;
	strike_spelled(text, secret, marks);
	strike_hexadecimal(text, secret, marks);
	strike_base64(text, secret, marks);
}

/* The length of the line break at `at`, which may be written as an escape, or 0. */
static size_t
break_at(WireSpan secret, size_t at)
{
	if (secret.start[at] == '\n' || secret.start[at] == '\r')
		return 1;
	if (secret.start[at] == '\\' && at + 1 < secret.length && strchr("nr", secret.start[at + 1]) != NULL)
		return 2;
	return 0;
}

/* A key that is quoted line by line, among other words, or with other line breaks. */
static void
strike_lines(WireSpan text, WireSpan secret, bool *marks)
{
	size_t start = 0;

	for (size_t at = 0; at <= secret.length; at++)
	{
		size_t taken = at < secret.length ? break_at(secret, at) : 1;
		WireSpan line = trimmed((WireSpan){secret.start + start, at - start});

		if (taken == 0)
			continue;
		if (line.length < secret.length && !(line.length > 5 && memcmp(line.start, "-----", 5) == 0))
			strike_one(text, line, FEWEST_OF_LINE, marks);
		at += taken - 1;
		start = at + 1;
	}
}

static bool
has_word(WireSpan name, const char *word)
{
	return memmem(name.start, name.length, word, strlen(word)) != NULL;
}

static bool
names_secret(WireSpan name)
{
	return !has_word(name, "_ur") && (has_word(name, "key") || has_word(name, "secret") ||
									  has_word(name, "token") || has_word(name, "pass"));
}

/* The secrets in an object such as a service account's. */
static void
strike_members(WireSpan text, WireSpan secret, bool *marks)
{
	WireObject object;

	if (wire_object_scan(secret.start, secret.length, &object) != NULL)
		return;
	for (int i = 0; i < object.count; i++)
	{
		WireSpan value = object.members[i].value;

		if (!names_secret(object.members[i].name) || value.start[0] != '"')
			continue;
		value = (WireSpan){value.start + 1, value.length - 2};
		strike_one(text, value, FEWEST_CHARACTERS, marks);
		strike_lines(text, value, marks);
	}
}

void
rg_strike(const char *text, size_t length, const char *secret, size_t secret_length, bool *marks)
{
	WireSpan where = {text, length};
	WireSpan what = {secret, secret_length};

	strike_one(where, what, FEWEST_CHARACTERS, marks);
	if (trimmed(what).length < secret_length)
		strike_one(where, trimmed(what), FEWEST_CHARACTERS, marks);
	strike_lines(where, what, marks);
	strike_members(where, what, marks);
}
