/*
 * library.c — libbson ends the process by a signal when memory runs out, and believes the lengths that a
 * server says of its messages. Its memory comes from here instead.
 */
#include "connectors/mongodb/library.h"

#include <mongoc/mongoc.h>
#include <stdlib.h>

#include "connectors/common/emit.h"

/* A document has 16 MB at most, a message 48 MB; buffers grow in powers of two. */
#define MOST_BYTES ((size_t) 128 << 20)

static void
check_size(size_t size)
{
	if (size > MOST_BYTES)
		give_up(
			&(Failure){.step = "query",
					   .code = "protocol",
					   .message = "The server announced an answer that is longer than its protocol allows."});
}

static void *
checked(void *memory)
{
	if (memory == NULL)
		give_up_out_of_memory();
	return memory;
}

static void *
library_malloc(size_t size)
{
	check_size(size);
	return checked(malloc(size));
}

static void *
library_calloc(size_t count, size_t size)
{
	check_size(size == 0 || count > MOST_BYTES ? count : count * size);
	return checked(calloc(count, size));
}

static void *
library_realloc(void *memory, size_t size)
{
	check_size(size);
	return checked(realloc(memory, size));
}

static void *
library_aligned(size_t alignment, size_t size)
{
	check_size(size);
	return checked(aligned_alloc(alignment, size));
}

void
library_begin(void)
{
	static const bson_mem_vtable_t memory = {.malloc = library_malloc,
											 .calloc = library_calloc,
											 .realloc = library_realloc,
											 .free = free,
											 .aligned_alloc = library_aligned};

	bson_mem_set_vtable(&memory);
	mongoc_log_set_handler(NULL, NULL);
	mongoc_init();
}
