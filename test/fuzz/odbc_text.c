/*
 * odbc_text.c — texts in UTF-16 as a driver for ODBC sends them.
 *
 * Sources: src/wire src/connectors/common/memory.c src/connectors/odbc/text.c
 * Uses: connector
 */
#include "connectors/odbc/text.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static size_t
units_of(const SQLWCHAR *text)
{
	size_t units = 0;

	while (text[units] != 0)
		units++;
	return units;
}

static bool
is_utf8(const char *text, size_t length)
{
	size_t one;

	while (length > 0 && (one = wire_utf8_length(text, length)) > 0)
	{
		text += one;
		length -= one;
	}
	return length == 0;
}

void
fuzz(const char *bytes, size_t length)
{
	size_t units = length / sizeof(SQLWCHAR);
	SQLWCHAR *sent = malloc(units * sizeof(SQLWCHAR) + 1);
	WireBuffer text = {0};
	bool is_broken = false;

	memcpy(sent, bytes, units * sizeof(SQLWCHAR));
	for (size_t i = 0; i < units; i++)
		if (sent[i] == 0)
			units = i;
	append_narrow(&text, sent, units, &is_broken);
	wire_append(&text, "", 1);
	fuzz_must(!text.failed && is_utf8(text.data, text.length - 1), "it becomes UTF-8");

	SQLWCHAR *back = wide_text(text.data);

	fuzz_must(is_broken || (units_of(back) == units && memcmp(back, sent, units * sizeof(SQLWCHAR)) == 0),
			  "whole characters come back");
	forget_wide_text(back);
	wire_free(&text);
	free(sent);
	fuzz_must_have_freed();
}
