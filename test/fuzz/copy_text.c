/*
 * copy_text.c — rows of COPY text as a connector sends them. The first byte chooses the number of columns.
 *
 * Sources: src/wire src/connectors/common/rows.c
 */
#include "wire/copy_text.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/rows.h"
#include "fuzz.h"

#define MAX_COLUMNS 6

static void
write_row(Rows *rows, const WireField *fields, int columns)
{
	for (int i = 0; i < columns; i++)
		if (fields[i].text == NULL)
			rows_null(rows);
		else
			rows_value(rows, fields[i].text, fields[i].length);
	rows_end_row(rows);
}

static void
check_same(const WireField *a, const WireField *b, int columns)
{
	for (int i = 0; i < columns; i++)
	{
		fuzz_must((a[i].text == NULL) == (b[i].text == NULL), "a null stays a null");
		fuzz_must(a[i].length == b[i].length &&
					  (a[i].text == NULL || memcmp(a[i].text, b[i].text, a[i].length) == 0),
				  "a value that is written again is read as the same");
		fuzz_must(a[i].text == NULL || a[i].text[a[i].length] == '\0', "a value ends with a NUL byte");
	}
}

static void
check_row(const WireField *fields, int columns)
{
	WireField again[MAX_COLUMNS];
	WireRows rows;
	Rows written = {0};

	write_row(&written, fields, columns);
	wire_rows_begin(&rows, written.text.data, written.text.length);
	fuzz_must(wire_rows_next(&rows, again, columns) == NULL && !rows.ended, "a row that is written is read");
	check_same(fields, again, columns);
	fuzz_must(wire_rows_next(&rows, again, columns) == NULL && rows.ended, "and is the only one");
	wire_free(&written.text);
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	int columns = 1 + fuzz_byte(&rest) % MAX_COLUMNS;
	char *copy = memcpy(malloc(rest.length + 1), rest.bytes, rest.length);
	WireField fields[MAX_COLUMNS];
	WireRows rows;

	wire_rows_begin(&rows, copy, rest.length);
	while (wire_rows_next(&rows, fields, columns) == NULL && !rows.ended)
		if (memchr(rest.bytes, '\0', rest.length) == NULL)
			check_row(fields, columns);
	free(copy);
	fuzz_must_have_freed();
}
