/*
 * snowflake_query.c — queries of callers, which must not leave the parentheses that are put around them.
 *
 * Sources: src/connectors/snowflake/query_text.c
 */
#include <string.h>

#include "connectors/snowflake/query_text.h"
#include "fuzz.h"

/* Texts, names and comments may hide what is looked for here. */
static bool
hides_something(const char *text)
{
	return strpbrk(text, "'\"$") != NULL || strstr(text, "--") != NULL || strstr(text, "/*") != NULL;
}

static void
check_accepted(const char *text, size_t length)
{
	int depth = 0;

	fuzz_must(length <= strlen(text), "the statement lies in the text");
	if (hides_something(text))
		return;
	for (size_t i = 0; i < length; i++)
	{
		depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
		fuzz_must(depth >= 0, "no parenthesis is closed that was not opened");
		fuzz_must(text[i] != ';', "there is one statement");
		fuzz_must(strncmp(text + i, "->>", 3) != 0, "there is no chain");
		fuzz_must(strncmp(text + i, "//", 2) != 0, "there is no comment of slashes");
	}
	fuzz_must(depth == 0, "every parenthesis is closed");
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {.bytes = bytes, .length = length};
	const char *text = fuzz_text(&rest);
	QueryFault fault;
	size_t statement = 0;

	if (query_text_stays_inside(text, &statement, &fault))
		check_accepted(text, statement);
	else
		fuzz_must(fault.message != NULL && fault.at <= strlen(text), "a fault lies in the text");
}
