/*
 * values.c — writes values in other forms.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/mysql/values.h"

#define MOST_BITS 64

static void
write_bytes(Rows *rows, const char *bytes, size_t length)
{
	static const char digits[] = "0123456789abcdef";
	char *text = allocate(2 * length + 2);

	text[0] = '\\';
	text[1] = 'x';
	for (size_t i = 0; i < length; i++)
	{
		text[2 * i + 2] = digits[(unsigned char) bytes[i] >> 4];
		text[2 * i + 3] = digits[bytes[i] & 0x0F];
	}
	rows_value(rows, text, 2 * length + 2);
	free(text);
}

static void
write_moment(Rows *rows, const char *text, size_t length)
{
	char moment[64];

	if (length > sizeof(moment) - 3)
		length = sizeof(moment) - 3;
	memcpy(moment, text, length);
	memcpy(moment + length, "+00", 3);
	rows_value(rows, moment, length + 3);
}

static void
write_bits(Rows *rows, const char *bytes, size_t length, int bits)
{
	char text[MOST_BITS];

	if (bits < 1 || bits > MOST_BITS || (size_t) bits > length * 8)
		bits = length * 8 > MOST_BITS ? MOST_BITS : (int) length * 8;
	for (int i = 0; i < bits; i++)
	{
		size_t at = length - 1 - (size_t) (bits - 1 - i) / 8;

		text[i] = (char) ('0' + ((bytes[at] >> ((bits - 1 - i) % 8)) & 1));
	}
	rows_value(rows, text, (size_t) bits);
}

void
value_write(Rows *rows, ValueForm form, const char *value, size_t length, int bits)
{
	if (value == NULL)
		rows_null(rows);
	else if (form == FORM_BYTES)
		write_bytes(rows, value, length);
	else if (form == FORM_MOMENT)
		write_moment(rows, value, length);
	else if (form == FORM_BITS)
		write_bits(rows, value, length, bits);
	else
		rows_value(rows, value, length);
}
