#include "connectors/files/encoding.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "wire/wire.h"

#define RAW_BYTES 65536
/* What is looked at to tell UTF-16 without a mark. */
#define GUESSED_BYTES 4096

static const struct
{
	const char *name;
	Encoding encoding;
} names[] = {{"utf8", ENCODING_UTF8},
			 {"utf16le", ENCODING_UTF16LE},
			 {"utf16be", ENCODING_UTF16BE},
			 {"utf16", ENCODING_UTF16LE},
			 {"utf32le", ENCODING_UTF32LE},
			 {"utf32be", ENCODING_UTF32BE},
			 {"windows1252", ENCODING_WINDOWS_1252},
			 {"cp1252", ENCODING_WINDOWS_1252},
			 {"latin1", ENCODING_WINDOWS_1252},
			 {"iso88591", ENCODING_WINDOWS_1252},
			 {"ascii", ENCODING_UTF8},
			 {"usascii", ENCODING_UTF8}};

/* Of the bytes 0x80 to 0x9F; the others are the characters of the same number. */
static const uint16_t windows_1252[32] = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
										  0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
										  0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
										  0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

Encoding
encoding_of_name(const char *name)
{
	char plain[16];
	size_t length = 0;

	for (; *name && length + 1 < sizeof(plain); name++)
		if (isalnum((unsigned char) *name))
			plain[length++] = (char) tolower((unsigned char) *name);
	plain[length] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(plain, names[i].name) == 0)
			return names[i].encoding;
	return ENCODING_UNKNOWN;
}

const char *
encoding_name(Encoding encoding)
{
	static const char *const labels[] = {"unknown",  "UTF-8",    "UTF-16LE",    "UTF-16BE",
										 "UTF-32LE", "UTF-32BE", "Windows-1252"};

	return labels[encoding];
}

static const struct
{
	const char *bytes;
	size_t length;
	Encoding encoding;
} marks[] = {{"\xEF\xBB\xBF", 3, ENCODING_UTF8},
			 {"\xFF\xFE\0\0", 4, ENCODING_UTF32LE},
			 {"\0\0\xFE\xFF", 4, ENCODING_UTF32BE},
			 {"\xFF\xFE", 2, ENCODING_UTF16LE},
			 {"\xFE\xFF", 2, ENCODING_UTF16BE}};

/* Where Latin text is written in two bytes, nearly every second one is zero. */
static Encoding
guess_by_zeros(const char *bytes, size_t length)
{
	size_t zeros[2] = {0, 0};

	if (length > GUESSED_BYTES)
		length = GUESSED_BYTES;
	length &= ~(size_t) 1;
	for (size_t i = 0; i < length; i++)
		zeros[i & 1] += bytes[i] == '\0';
	if (length >= 4 && zeros[1] > length / 4 && zeros[0] < zeros[1] / 8)
		return ENCODING_UTF16LE;
	if (length >= 4 && zeros[0] > length / 4 && zeros[1] < zeros[0] / 8)
		return ENCODING_UTF16BE;
	return ENCODING_UTF8;
}

Encoding
encoding_guess(const char *bytes, size_t length, size_t *mark)
{
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (length >= marks[i].length && memcmp(bytes, marks[i].bytes, marks[i].length) == 0)
		{
			*mark = marks[i].length;
			return marks[i].encoding;
		}
	*mark = 0;
	return guess_by_zeros(bytes, length);
}

/* Keeps what is not yet decoded, and reads more behind it. */
static void
fill(EncodedText *text)
{
	size_t kept = text->raw_length - text->raw_used;

	memmove(text->raw, text->raw + text->raw_used, kept);
	text->raw_used = 0;
	text->raw_length = kept;
	while (!text->has_ended && text->raw_length < RAW_BYTES)
	{
		size_t length = unpacked_read(&text->in, text->raw + text->raw_length, RAW_BYTES - text->raw_length);

		text->has_ended = length == 0;
		text->raw_length += length;
	}
}

void
text_begin(EncodedText *text, const StoredFile *file, Encoding encoding)
{
	size_t mark;
	Encoding guessed;

	*text = (EncodedText){.encoding = encoding, .raw = allocate(RAW_BYTES)};
	unpacked_begin(&text->in, file);
	fill(text);
	guessed = encoding_guess(text->raw, text->raw_length, &mark);
	if (encoding == ENCODING_UNKNOWN)
		text->encoding = guessed;
	if (guessed == text->encoding)
		text->raw_used = mark;
}

void
text_end(EncodedText *text)
{
	unpacked_end(&text->in);
	free(text->raw);
}

/* ---- characters ---- */

static size_t
put_character(char *out, uint32_t code)
{
	if (code < 0x80)
	{
		out[0] = (char) code;
		return 1;
	}
	if (code < 0x800)
	{
		out[0] = (char) (0xC0 | code >> 6);
		out[1] = (char) (0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000)
	{
		out[0] = (char) (0xE0 | code >> 12);
		out[1] = (char) (0x80 | (code >> 6 & 0x3F));
		out[2] = (char) (0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (char) (0xF0 | code >> 18);
	out[1] = (char) (0x80 | (code >> 12 & 0x3F));
	out[2] = (char) (0x80 | (code >> 6 & 0x3F));
	out[3] = (char) (0x80 | (code & 0x3F));
	return 4;
}

#define REPLACEMENT 0xFFFD

static uint32_t
unit(const unsigned char *at, Encoding encoding)
{
	return encoding == ENCODING_UTF16LE ? (uint32_t) at[0] | (uint32_t) at[1] << 8
										: (uint32_t) at[1] | (uint32_t) at[0] << 8;
}

/* Returns the bytes of the next character, or 0 if it is not whole. */
static size_t
take_utf16(EncodedText *text, const unsigned char *at, size_t left, uint32_t *code)
{
	uint32_t low;

	if (left < 2)
		return 0;
	*code = unit(at, text->encoding);
	if (*code < 0xD800 || *code > 0xDFFF)
		return 2;
	if (*code <= 0xDBFF && left < 4)
		return 0;
	low = *code <= 0xDBFF ? unit(at + 2, text->encoding) : 0;
	if (low < 0xDC00 || low > 0xDFFF)
	{
		text->is_invalid = true;
		*code = REPLACEMENT;
		return 2;
	}
	*code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
	return 4;
}

static size_t
take_utf32(EncodedText *text, const unsigned char *at, size_t left, uint32_t *code)
{
	if (left < 4)
		return 0;
	*code = text->encoding == ENCODING_UTF32LE
				? at[0] | (uint32_t) at[1] << 8 | (uint32_t) at[2] << 16 | (uint32_t) at[3] << 24
				: at[3] | (uint32_t) at[2] << 8 | (uint32_t) at[1] << 16 | (uint32_t) at[0] << 24;
	if (*code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF))
	{
		text->is_invalid = true;
		*code = REPLACEMENT;
	}
	return 4;
}

static size_t
take_wide(EncodedText *text, const unsigned char *at, size_t left, uint32_t *code)
{
	switch (text->encoding)
	{
		case ENCODING_UTF16LE:
		case ENCODING_UTF16BE:
			return take_utf16(text, at, left, code);
		case ENCODING_UTF32LE:
		case ENCODING_UTF32BE:
			return take_utf32(text, at, left, code);
		default:
			*code = *at >= 0x80 && *at < 0xA0 ? windows_1252[*at - 0x80] : *at;
			return left > 0 ? 1 : 0;
	}
}

static size_t
decode_wide(EncodedText *text, char *out, size_t size)
{
	size_t length = 0;

	while (length + 4 <= size && text->raw_used < text->raw_length)
	{
		uint32_t code;
		size_t taken = take_wide(text, (const unsigned char *) text->raw + text->raw_used,
								 text->raw_length - text->raw_used, &code);

		if (taken == 0)
			break;
		text->raw_used += taken;
		if (code == 0)
			text->zeros++;
		else
			length += put_character(out + length, code);
	}
	return length;
}

/* The length of the stretch of ASCII at the beginning, without NUL. */
static size_t
plain_length(const char *bytes, size_t length)
{
	size_t i = 0;
	uint64_t word;

	for (; i + sizeof(word) <= length; i += sizeof(word))
	{
		memcpy(&word, bytes + i, sizeof(word));
		if (((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < length && bytes[i] > 0)
		i++;
	return i;
}

/* Could more bytes make a character of these, which are fewer than four? */
static bool
may_be_cut(const EncodedText *text)
{
	return !text->has_ended && text->raw_length - text->raw_used < 4;
}

static size_t
decode_utf8(EncodedText *text, char *out, size_t size)
{
	size_t length = 0;

	while (length + 4 <= size && text->raw_used < text->raw_length)
	{
		const char *at = text->raw + text->raw_used;
		size_t left = text->raw_length - text->raw_used;
		size_t plain = plain_length(at, left < size - length ? left : size - length);
		size_t taken = plain > 0 || *at == '\0' ? plain : wire_utf8_length(at, left);

		if (taken > 0)
		{
			memcpy(out + length, at, taken);
			length += taken;
		}
		else if (*at == '\0')
		{
			text->zeros++;
			taken = 1;
		}
		else if (may_be_cut(text))
			break;
		else
		{
			text->is_invalid = true;
			length += put_character(out + length, REPLACEMENT);
			taken = 1;
		}
		text->raw_used += taken;
	}
	return length;
}

size_t
text_read(EncodedText *text, char *out, size_t size)
{
	size_t length = 0;

	while (length == 0)
	{
		if (!text->has_ended && text->raw_length - text->raw_used < 4)
			fill(text);
		length =
			text->encoding == ENCODING_UTF8 ? decode_utf8(text, out, size) : decode_wide(text, out, size);
		if (length > 0 || !text->has_ended)
			continue;
		if (text->raw_used < text->raw_length && text->zeros == 0)
			text->is_invalid = true; /* half a character */
		break;
	}
	return length;
}
