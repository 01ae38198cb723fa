/* tap.c — numbered lines of TAP, exact copies of texts, and random numbers. */
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tests;
static int failures;

void
ok(bool fine, const char *format, ...)
{
	char name[200];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(name, sizeof(name), format, arguments);
	va_end(arguments);
	/* A line of TAP is one line of text. */
	for (char *at = name; *at; at++)
		if ((unsigned char) *at < ' ' || *at == '#')
			*at = '.';
	printf("%sok %d - %s\n", fine ? "" : "not ", ++tests, name);
	failures += !fine;
}

int
finished(void)
{
	printf("1..%d\n", tests);
	return failures > 0;
}

char *
exact_copy(const char *text, size_t length)
{
	return memcpy(malloc(length ? length : 1), text, length);
}

uint64_t
next_random(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}
