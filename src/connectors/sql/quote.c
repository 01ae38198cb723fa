/*
 * quote.c — quotes names, and spells texts without any character that a dialect or a setting could read.
 */
#include "connectors/sql/quote.h"

void
sql_quote_name(WireBuffer *sql, const char *name, char open, char close)
{
	wire_append(sql, &open, 1);
	for (; *name; name++)
	{
		wire_append(sql, name, 1);
		if (*name == close)
			wire_append(sql, name, 1);
	}
	wire_append(sql, &close, 1);
}

void
sql_hexadecimal(WireBuffer *sql, const char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (; *text; text++)
	{
		wire_append(sql, &digits[(unsigned char) *text >> 4], 1);
		wire_append(sql, &digits[*text & 0x0F], 1);
	}
}
