#include "connectors/inference/data_names.h"

#define FEWEST_HEX 8

static bool
is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

static bool
is_hex(char byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

/* In the pattern 9 is a digit, F a hexadecimal one, and every other character itself. */
static bool
looks_like(const char *name, size_t length, const char *pattern)
{
	size_t i = 0;

	for (; i < length && pattern[i]; i++)
	{
		bool fits = pattern[i] == '9'   ? is_digit(name[i])
					: pattern[i] == 'F' ? is_hex(name[i])
										: name[i] == pattern[i];

		if (!fits)
			return false;
	}
	return i == length && pattern[i] == '\0';
}

bool
is_data_name(const char *name, size_t length)
{
	size_t digits = 0;
	size_t hex = 0;

	while (digits < length && is_digit(name[digits]))
		digits++;
	while (hex < length && is_hex(name[hex]))
		hex++;
	return (length > 0 && digits == length) || (length >= FEWEST_HEX && hex == length) ||
		   looks_like(name, length, "9999-99") || looks_like(name, length, "9999-99-99") ||
		   looks_like(name, length, "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF");
}
