/*
 * copy_rows.c — values written as text of COPY are read again as they were. Each line of the input is a
 * value.
 *
 * Sources: src/wire src/connectors/common/rows.c
 */
#include "connectors/common/rows.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static char
meant_by(char letter)
{
	static const char letters[] = "bfnrtv\\";
	static const char meanings[] = "\b\f\n\r\t\v\\";
	const char *at = strchr(letters, letter);

	fuzz_must(letter != '\0' && at != NULL, "an escape is one of COPY's");
	return meanings[at - letters];
}

/* Does the text between two tabs mean the value, with U+FFFD for each NUL? Returns the place after it. */
static const char *
check_value(const char *at, const char *end, const char *value, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		if (value[i] == '\0')
		{
			fuzz_must(end - at >= 3 && memcmp(at, ROWS_REPLACEMENT, 3) == 0, "a NUL is replaced");
			at += 3;
			continue;
		}
		fuzz_must(at < end && *at != '\t' && *at != '\n', "a value has no separator in it");
		if (*at == '\\')
			fuzz_must(meant_by(*++at) == value[i], "an escape means its byte");
		else
			fuzz_must(*at == value[i], "other bytes stand for themselves");
		at++;
	}
	return at;
}

void
fuzz(const char *bytes, size_t length)
{
	Rows rows = {0};
	size_t first = length / 2;
	const char *at;
	const char *end;

	rows_value(&rows, bytes, first);
	rows_null(&rows);
	rows_value(&rows, bytes + first, length - first);
	rows_end_row(&rows);
	end = rows.text.data + rows.text.length;
	at = check_value(rows.text.data, end, bytes, first);
	fuzz_must(end - at >= 4 && memcmp(at, "\t\\N\t", 4) == 0, "a null stands between the values");
	at = check_value(at + 4, end, bytes + first, length - first);
	fuzz_must(end - at == 1 && *at == '\n' && rows.count == 1, "the row ends");
	wire_free(&rows.text);
	fuzz_must_have_freed();
}
