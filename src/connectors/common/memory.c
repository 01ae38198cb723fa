/*
 * memory.c — allocation that cannot fail, and wiping of secrets.
 */
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

void *
allocate(size_t size)
{
	return reallocate(NULL, size);
}

void *
reallocate(void *memory, size_t size)
{
	memory = realloc(memory, size ? size : 1);
	if (memory == NULL)
		give_up_out_of_memory();
	return memory;
}

char *
copy_text(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(allocate(size), text, size);
}

void
forget_text(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}
