/*
 * strike.c — the search for spellings of a secret in what a connector said. The first line is the secret, or
 * a JSON object of secrets.
 *
 * Sources: src/wire src/worker/strike.c src/worker/spelling.c
 */
#include "worker/strike.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	char *secret = fuzz_line(&rest);
	size_t secret_length = strlen(secret);
	bool *marks = calloc(rest.length + 1, 1);
	const char *found;

	rg_strike(rest.bytes, rest.length, secret, secret_length, marks);
	found =
		secret_length > 12 && *secret != '{' ? memmem(rest.bytes, rest.length, secret, secret_length) : NULL;
	for (size_t i = 0; found && i < secret_length; i++)
		fuzz_must(marks[found - rest.bytes + (ptrdiff_t) i], "a secret that stands there is struck");
}
