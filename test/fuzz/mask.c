/*
 * mask.c — what looks like a secret or personal data: names and values of a source. The first line is a name.
 *
 * Sources: src/wire/mask.c
 */
#include "wire/mask.h"

#include <string.h>

#include "fuzz.h"

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	char *name = fuzz_line(&rest);
	char *value = fuzz_text(&rest);

	(void) wire_name_looks_private(name);
	(void) wire_option_looks_secret(name, strlen(name));
	(void) wire_value_looks_private(value);
}
