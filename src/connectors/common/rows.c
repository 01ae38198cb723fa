/*
 * rows.c — writing COPY text. Bytes that mean something there are escaped, a NUL is replaced; all others are
 * copied in stretches.
 */
#include <string.h>

#include "connectors/common/rows.h"

/* The letter behind the backslash, or 0 for a byte that stands for itself. */
static char
escape_of(char byte)
{
	switch (byte)
	{
		case '\b':
			return 'b';
		case '\f':
			return 'f';
		case '\n':
			return 'n';
		case '\r':
			return 'r';
		case '\t':
			return 't';
		case '\v':
			return 'v';
		case '\\':
			return '\\';
		default:
			return 0;
	}
}

static void
begin_value(Rows *rows)
{
	if (rows->in_row)
		wire_append(&rows->text, "\t", 1);
	rows->in_row = true;
}

/* The length of the stretch of bytes that stand for themselves; eight are looked at at a time. */
static size_t
plain_length(const char *text, size_t length)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t tops = UINT64_C(0x8080808080808080);
	size_t at = 0;
	uint64_t word;

	for (; at + sizeof(word) <= length; at += sizeof(word))
	{
		uint64_t backslash;

		memcpy(&word, text + at, sizeof(word));
		backslash = word ^ ones * '\\';
		/* A byte's top bit is set here if it is below 14, which all control characters with a letter are, or
		 * a backslash. */
		if ((((word - ones * 14) & ~word) | ((backslash - ones) & ~backslash)) & tops)
			break;
	}
	while (at < length && text[at] != '\0' && escape_of(text[at]) == 0)
		at++;
	return at;
}

static void
write_escaped(Rows *rows, char byte)
{
	char escaped[2] = {'\\', escape_of(byte)};

	if (byte == '\0')
		wire_append_text(&rows->text, ROWS_REPLACEMENT);
	else
		wire_append(&rows->text, escaped, sizeof(escaped));
}

void
rows_value(Rows *rows, const char *text, size_t length)
{
	size_t plain;

	begin_value(rows);
	while ((plain = plain_length(text, length)) < length)
	{
		wire_append(&rows->text, text, plain);
		write_escaped(rows, text[plain]);
		text += plain + 1;
		length -= plain + 1;
	}
	wire_append(&rows->text, text, length);
}

void
rows_null(Rows *rows)
{
	begin_value(rows);
	wire_append(&rows->text, "\\N", 2);
}

void
rows_end_row(Rows *rows)
{
	wire_append(&rows->text, "\n", 1);
	rows->in_row = false;
	rows->count++;
}
