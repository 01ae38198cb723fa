/*
 * redshift_query.c — queries for PostgreSQL and Redshift.
 *
 * Sources: src/connectors/libpq/query_text.c
 * Uses: query
 */
#include "connectors/libpq/query_text.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/query.h"

static bool
is_refused(const char *text)
{
	const char *semicolon = strchr(text, ';');

	return fuzz_has_word(text, "into") || fuzz_begins_with_word(text, "delete") ||
		   (semicolon != NULL && semicolon[strspn(semicolon, "; \n\t")] != '\0');
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	bool has_escapes = fuzz_byte(&rest) & 1;
	char *text = fuzz_text(&rest);
	const char *explained = query_text_explained(text);
	QueryFault fault;

	fuzz_must(explained == NULL || (explained > text && explained <= text + strlen(text)),
			  "what is explained lies in the text");
	if (!query_text_only_selects(text, has_escapes, &fault))
		fuzz_must(fault.message != NULL && fault.at <= strlen(text),
				  "a fault has words, and lies in the text");
	else
	{
		fuzz_must(query_text_is_select(text) && !query_text_is_empty(text), "it selects");
		fuzz_must(!fuzz_is_plain(text) || !is_refused(text), "what writes is refused");
	}
	free(text);
	fuzz_must_have_freed();
}
