/*
 * pg_array.c — arrays in binary form, as a PostgreSQL server sends them.
 *
 * Sources: src/connectors/postgresql/rows.c src/connectors/common/memory.c
 * Uses: connector libpq
 */
#include "connectors/postgresql/rows.h"

#include "fuzz.h"

static PGresult *
result_of(const char *bytes, size_t length)
{
	static PGresult *result;
	PGresAttDesc column = {.name = "x", .format = 1, .typid = 1005};

	PQclear(result);
	result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	if (!PQsetResultAttrs(result, 1, &column) || !PQsetvalue(result, 0, 0, (char *) bytes, (int) length))
		fuzz_end();
	return result;
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	bool numbers = fuzz_byte(&rest) & 1;
	PGresult *result = result_of(rest.bytes, rest.length);
	Numbers list;
	Elements elements;
	Element element;
	unsigned sum = 0;

	if (numbers)
	{
		row_numbers(result, 0, 0, &list);
		fuzz_must(list.count >= 0 && list.count <= MAX_KEY_COLUMNS, "there are not too many numbers");
		return;
	}
	elements = row_elements(result, 0, 0);
	while (next_element(&elements, &element))
	{
		fuzz_must(element.bytes + element.length <= PQgetvalue(result, 0, 0) + rest.length,
				  "an element lies in the value");
		for (int i = 0; i < element.length; i++)
			sum += (unsigned char) element.bytes[i];
	}
	(void) sum;
}
