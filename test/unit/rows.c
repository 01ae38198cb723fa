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

/* As COPY's manual has it. */
static const char *
expected_of(int byte)
{
	static const char *const letters[] = {
		['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t", ['\v'] = "\\v"};
	static char itself[2];

	if (byte == '\\')
		return "\\\\";
	if (byte == 0)
		return ROWS_REPLACEMENT;
	if (byte < (int) (sizeof(letters) / sizeof(letters[0])) && letters[byte] != NULL)
		return letters[byte];
	itself[0] = (char) byte;
	return itself;
}

#define MOST_LENGTH 24

static int
is_right(int byte, int place, int length)
{
	Rows rows = {0};
	char text[MOST_LENGTH];
	char expected[MOST_LENGTH + 3];
	int fine;

	memset(text, byte % 2 == 0 ? 14 : 0xff, sizeof(text));
	text[place] = (char) byte;
	sprintf(expected, "%.*s%s%.*s", place, text, expected_of(byte), length - place - 1, text + place + 1);
	rows_value(&rows, text, (size_t) length);
	fine = rows.text.length == strlen(expected) && memcmp(rows.text.data, expected, rows.text.length) == 0;
	wire_free(&rows.text);
	return fine;
}

/* Several bytes are looked at at once: the place of one must not matter, nor what stands beside it. */
static void
check_each_byte(void)
{
	int wrong = 0;

	for (int byte = 0; byte < 256; byte++)
		for (int length = 1; length <= MOST_LENGTH; length++)
			for (int place = 0; place < length; place++)
				wrong += !is_right(byte, place, length);
	printf("%s %d - each byte at each place of a text\n", wrong == 0 ? "ok" : "not ok", ++tests);
	failures += wrong != 0;
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
	check_each_byte();
	printf("1..%d\n", tests);
	return failures > 0;
}
