/*
 * mask.c — what looks like a secret or personal data: names and values of a source. The first line is a name.
 *
 * Sources: src/connectors/common/mask.c
 */
#include "connectors/common/mask.h"

#include <string.h>

#include "fuzz.h"

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	char *name = fuzz_line(&rest);
	char *value = fuzz_text(&rest);

	(void) name_looks_private(name);
	(void) option_looks_secret(name, strlen(name));
	(void) value_looks_private(value);
}
