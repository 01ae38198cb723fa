#include "connectors/common/environment.h"

#include <stdlib.h>

#include "connectors/common/memory.h"

void
environment_clear(void)
{
	const char *resolving = getenv("RES_OPTIONS");
	char *kept = resolving ? copy_text(resolving) : NULL;

	clearenv();
	setenv("HOME", "/nonexistent", 1);
	if (kept)
		setenv("RES_OPTIONS", kept, 1);
	free(kept);
}
