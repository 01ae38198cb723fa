/*
 * mysql_query.c — queries for MySQL and MariaDB, and where the server says that a fault is.
 *
 * Sources: src/connectors/mysql/query_text.c
 * Uses: query
 */
#include "connectors/mysql/query_text.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/query.h"

static bool
is_writing(const char *text)
{
	return fuzz_has_word(text, "into") || fuzz_begins_with_word(text, "delete") ||
		   fuzz_begins_with_word(text, "update");
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	char *message = fuzz_line(&rest);
	char *text = fuzz_text(&rest);
	long long position = query_text_position(text, message);
	QueryFault fault;

	fuzz_must(position >= 0 && position <= (long long) strlen(text) + 1, "a place lies in the text");
	if (query_text_check(text, &fault))
		fuzz_must(fault.message != NULL && fault.at <= strlen(text),
				  "a fault has words, and lies in the text");
	else
		fuzz_must(!fuzz_is_plain(text) || !is_writing(text), "what writes is refused");
	free(message);
	free(text);
	fuzz_must_have_freed();
}
