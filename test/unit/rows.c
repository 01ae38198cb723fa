/*
 * rows.c — COPY text: what PostgreSQL's own COPY TO writes of the same values.
 */
#include "connectors/common/rows.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;
static int tests = 0;

static void
check(const char *name, Rows *rows, const char *expected)
{
	int fine =
		rows->text.length == strlen(expected) && memcmp(rows->text.data, expected, rows->text.length) == 0;

	printf("%s %d - %s\n", fine ? "ok" : "not ok", ++tests, name);
	if (!fine)
	{
		printf("# got: %.*s\n", (int) rows->text.length, rows->text.data);
		failures++;
	}
	wire_free(&rows->text);
}

static void
value(Rows *rows, const char *text)
{
	rows_value(rows, text, strlen(text));
}

int
main(void)
{
	Rows rows = {0};

	value(&rows, "a");
	rows_null(&rows);
	value(&rows, "");
	rows_end_row(&rows);
	value(&rows, "\\N");
	value(&rows, "b");
	value(&rows, "\xc3\xa9");
	rows_end_row(&rows);
	printf("%s %d - two rows are counted\n", rows.count == 2 ? "ok" : "not ok", ++tests);
	failures += rows.count != 2;
	check("null, the empty text and a text that looks like null differ", &rows,
		  "a\t\\N\t\n\\\\N\tb\t\xc3\xa9\n");

	rows = (Rows){0};
	value(&rows, "\b\f\n\r\t\v\\");
	rows_end_row(&rows);
	check("each byte with a meaning is escaped", &rows, "\\b\\f\\n\\r\\t\\v\\\\\n");

	rows = (Rows){0};
	rows_value(&rows, "x\0y", 3);
	value(&rows, "\\.");
	rows_end_row(&rows);
	check("a NUL is replaced; the end mark of COPY is no end", &rows, "x\xEF\xBF\xBDy\t\\\\.\n");

	rows = (Rows){0};
	rows_null(&rows);
	rows_end_row(&rows);
	check("a row of one null", &rows, "\\N\n");
	printf("1..%d\n", tests);
	return failures > 0;
}
