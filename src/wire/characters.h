/*
 * characters.h — how JSON spells characters; shared by the files of this folder only.
 */
#ifndef RG_WIRE_CHARACTERS_H
#define RG_WIRE_CHARACTERS_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char Byte;

static inline bool
is_digit(Byte byte)
{
	return byte >= '0' && byte <= '9';
}

/* The value of a hexadecimal digit, or -1. */
static inline int
hex_digit(Byte byte)
{
	if (is_digit(byte))
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* The four digits after \u, or -1 when there are no four digits. */
static inline int
hex_quad(const Byte *at, const Byte *end)
{
	int value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		int digit = hex_digit(at[i]);

		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

static inline bool
is_high_surrogate(int code)
{
	return code >= 0xD800 && code <= 0xDBFF;
}

static inline bool
is_low_surrogate(int code)
{
	return code >= 0xDC00 && code <= 0xDFFF;
}

#endif
