/*
 * compare.c — three values of a type, one a line behind the type's name, as conditions compare them.
 *
 * Sources: src/connectors/common/compare.c
 * Uses: packed
 */
#include "connectors/common/compare.h"

#include <string.h>

#include "fuzz.h"

static int
sign(int order)
{
	return (order > 0) - (order < 0);
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	ComparedKind kind = compared_kind(fuzz_line(&rest));
	ComparedValue values[3];
	int order[3][3];

	for (int i = 0; i < 3; i++)
	{
		const char *text = fuzz_line(&rest);

		if (!compared_read(kind, text, strlen(text), &values[i]))
			return;
	}
	for (int i = 0; i < 3; i++)
		for (int j = 0; j < 3; j++)
			order[i][j] = sign(compared_order(kind, &values[i], &values[j]));
	for (int i = 0; i < 3; i++)
	{
		fuzz_must(order[i][i] == 0, "a value is equal to itself");
		for (int j = 0; j < 3; j++)
			fuzz_must(kind == COMPARED_TEXT ? (order[i][j] == 0) == (order[j][i] == 0)
											: order[i][j] == -order[j][i],
					  "two values have one order");
	}
	fuzz_must(kind == COMPARED_TEXT || order[0][1] > 0 || order[1][2] > 0 || order[0][2] <= 0,
			  "three values have one order");
}
