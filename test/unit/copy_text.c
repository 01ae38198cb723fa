/*
 * copy_text.c — rows of COPY text are taken apart as COPY FROM would, and anything else is refused.
 */
#include "wire/copy_text.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;
static int tests = 0;

static void
check(const char *name, const char *got, const char *expected)
{
	int fine = strcmp(got, expected) == 0;

	printf("%s %d - %s\n", fine ? "ok" : "not ok", ++tests, name);
	if (!fine)
	{
		printf("# got: %s\n", got);
		failures++;
	}
}

/* Each value in brackets, rows separated by a slash; then the fault. */
static const char *
taken(const char *text, int columns)
{
	static char shown[500];
	char bytes[200];
	WireField fields[4];
	WireRows rows;
	const char *fault;

	shown[0] = '\0';
	strcpy(bytes, text);
	wire_rows_begin(&rows, bytes, strlen(text));
	while ((fault = wire_rows_next(&rows, fields, columns)) == NULL && !rows.ended)
	{
		for (int i = 0; i < columns; i++)
			snprintf(shown + strlen(shown), 100, fields[i].text != NULL ? "[%s]" : "NULL", fields[i].text);
		strcat(shown, "/");
	}
	return strcat(shown, fault != NULL ? fault : "");
}

int
main(void)
{
	check("no row", taken("", 1), "");
	check("plain rows", taken("1\tone\n2\ttwo\n", 2), "[1][one]/[2][two]/");
	check("null, the empty text and a text that looks like null differ", taken("\\N\t\t\\\\N\n", 3),
		  "NULL[][\\N]/");
	check("every escape", taken("a\\b\\f\\n\\r\\t\\v\\\\z\tplain\n", 2), "[a\b\f\n\r\t\v\\z][plain]/");
	check("escapes in several rows", taken("a\tb\nc\\td\te\n\\N\tf\\\\\n", 2), "[a][b]/[c\td][e]/NULL[f\\]/");
	check("a null with more behind it is no null", taken("\\Nx\n", 1),
		  "a field has an escape that COPY does not write");
	check("an octal escape", taken("\\101\n", 1), "a field has an escape that COPY does not write");
	check("a backslash before the tab", taken("a\\\tb\n", 2),
		  "a field has an escape that COPY does not write");
	check("a backslash at the end", taken("a\\\n", 1), "a field has an escape that COPY does not write");
	check("the end mark of COPY", taken("\\.\n", 1), "a field has an escape that COPY does not write");
	check("too few columns", taken("1\ta\n2\n", 2), "[1][a]/a row has fewer columns than were asked for");
	check("too many columns", taken("1\ta\tb\n", 2), "a row has more columns than were asked for");
	check("a row without an end", taken("1\ta\n2\tb", 2), "[1][a]/the last row has no end");
	printf("1..%d\n", tests);
	return failures > 0;
}
