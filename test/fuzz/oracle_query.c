/*
 * oracle_query.c — queries for Oracle.
 *
 * Sources: src/connectors/oracle/query_text.c
 * Uses: query
 */
#include "connectors/oracle/query_text.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/query.h"

/* A semicolon ends the statement; nothing stands behind it. */
static bool
is_one(const char *text, size_t length)
{
	return memchr(text, ';', length) == NULL && text[length + strspn(text + length, "; \n\t")] == '\0';
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	char *text = fuzz_text(&rest);
	size_t statement;
	QueryFault fault;

	if (!query_only_reads(text, &statement, &fault))
		fuzz_must(fault.message != NULL && fault.at <= strlen(text),
				  "a fault has words, and lies in the text");
	else
	{
		fuzz_must(statement <= strlen(text), "the statement lies in the text");
		fuzz_must(!fuzz_is_plain(text) || is_one(text, statement), "there is one statement");
		fuzz_must(!fuzz_is_plain(text) ||
					  !(fuzz_begins_with_word(text, "delete") || fuzz_has_word(text, "dbms_lock")),
				  "what writes is refused");
	}
	free(text);
	fuzz_must_have_freed();
}
