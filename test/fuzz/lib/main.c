/*
 * main.c — one execution of a target: the jump that ends it, and the memory that it left.
 *
 * A connector frees little, since it ends soon. A fuzzer does not end: so malloc and its kin are wrapped by
 * the linker, and what an execution did not free is freed after it.
 */
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

extern void *__real_malloc(size_t size);
extern void *__real_calloc(size_t count, size_t size);
extern void *__real_realloc(void *memory, size_t size);
extern void __real_free(void *memory);

static jmp_buf end;
static bool running;

/* What this execution allocated. */
static void **allocated;
static size_t allocated_count;
static size_t allocated_room;

static void *
note(void *memory)
{
	if (!running || memory == NULL)
		return memory;
	if (allocated_count == allocated_room)
	{
		allocated_room = allocated_room ? allocated_room * 2 : 1024;
		allocated = __real_realloc(allocated, allocated_room * sizeof(void *));
	}
	allocated[allocated_count++] = memory;
	return memory;
}

static void
forget(const void *memory)
{
	for (size_t i = allocated_count; running && i > 0; i--)
	{
		if (allocated[i - 1] != memory)
			continue;
		allocated[i - 1] = allocated[--allocated_count];
		return;
	}
}

void *
__wrap_malloc(size_t size)
{
	return note(__real_malloc(size));
}

void *
__wrap_calloc(size_t count, size_t size)
{
	return note(__real_calloc(count, size));
}

void *
__wrap_realloc(void *memory, size_t size)
{
	forget(memory);
	return note(__real_realloc(memory, size));
}

void
__wrap_free(void *memory)
{
	forget(memory);
	__real_free(memory);
}

__attribute__((weak)) void
fuzz_begin(void)
{
}

void
fuzz_end(void)
{
	longjmp(end, 1);
}

void
fuzz_must(bool holds, const char *property)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: this does not hold: %s\n", property);
	abort();
}

void
fuzz_must_have_freed(void)
{
	fuzz_must(allocated_count == 0, "everything is freed");
}

static char *
take(FuzzRest *rest, size_t length)
{
	size_t kept = strnlen(rest->bytes, length);
	char *text = __wrap_malloc(kept + 1);

	memcpy(text, rest->bytes, kept);
	text[kept] = '\0';
	rest->bytes += length;
	rest->length -= length;
	return text;
}

char *
fuzz_line(FuzzRest *rest)
{
	const char *newline = rest->length > 0 ? memchr(rest->bytes, '\n', rest->length) : NULL;
	char *line = take(rest, newline ? (size_t) (newline - rest->bytes) : rest->length);

	if (newline)
	{
		rest->bytes++;
		rest->length--;
	}
	return line;
}

char *
fuzz_text(FuzzRest *rest)
{
	return take(rest, rest->length);
}

unsigned char
fuzz_byte(FuzzRest *rest)
{
	if (rest->length == 0)
		return 0;
	rest->length--;
	return (unsigned char) *rest->bytes++;
}

extern int LLVMFuzzerInitialize(int *count, char ***arguments);
extern int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void) count;
	(void) arguments;
	fuzz_begin();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	running = true;
	if (setjmp(end) == 0)
		fuzz((const char *) bytes, length);
	running = false;
	while (allocated_count > 0)
		__real_free(allocated[--allocated_count]);
	return 0;
}
