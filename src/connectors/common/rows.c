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

void
rows_value(Rows *rows, const char *text, size_t length)
{
	size_t plain = 0; /* where the stretch begins that is not yet copied */

	begin_value(rows);
	for (size_t i = 0; i < length; i++)
	{
		char escaped[2] = {'\\', escape_of(text[i])};

		if (escaped[1] == 0 && text[i] != '\0')
			continue;
		wire_append(&rows->text, text + plain, i - plain);
		if (text[i] == '\0')
			wire_append_text(&rows->text, ROWS_REPLACEMENT);
		else
			wire_append(&rows->text, escaped, sizeof(escaped));
		plain = i + 1;
	}
	wire_append(&rows->text, text + plain, length - plain);
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
