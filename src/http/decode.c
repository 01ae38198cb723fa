/*
 * decode.c — percent-decoding, strictly.
 */
#include "decode.h"

#include "mb/pg_wchar.h"

#include "error.h"

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static void
fail_malformed(const char *what, const char *fault)
{
	rg_fail(RG_BAD_REQUEST, "Invalid request data", psprintf("%s: %s", what, fault), NULL);
}

/* The byte that the escape at text stands for. */
static char
unescape(const char *text, int left, const char *what)
{
	int high = left > 2 ? digit_of(text[1]) : -1;
	int low = left > 2 ? digit_of(text[2]) : -1;

	if (high < 0 || low < 0)
		fail_malformed(what,
					   "has a % that two hexadecimal digits do not follow; write %25 for a percent sign");
	if (high == 0 && low == 0)
		fail_malformed(what, "holds a NUL character");
	return (char) (high * 16 + low);
}

char *
rg_http_decode(const char *text, int length, bool plus_is_space, const char *what)
{
	char *decoded = palloc(length + 1);
	int size = 0;

	for (int i = 0; i < length; i++)
	{
		if (text[i] == '%')
		{
			decoded[size++] = unescape(text + i, length - i, what);
			i += 2;
		}
		else
			decoded[size++] = plus_is_space && text[i] == '+' ? ' ' : text[i];
	}
	decoded[size] = '\0';
	if (!pg_verify_mbstr(PG_UTF8, decoded, size, true))
		fail_malformed(what, "is not valid UTF-8");
	return pg_any_to_server(decoded, size, PG_UTF8);
}
