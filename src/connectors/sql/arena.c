/*
 * arena.c — blocks from which memory is cut off.
 */
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/sql/arena.h"

#define BLOCK_BYTES ((size_t) 16 * 1024)

struct SqlArenaBlock
{
	SqlArenaBlock *older;
	size_t size;
	size_t used;
	alignas(max_align_t) char bytes[];
};

static SqlArenaBlock *
add_block(SqlArena *arena, size_t size)
{
	SqlArenaBlock *block = allocate(sizeof(SqlArenaBlock) + size);

	*block = (SqlArenaBlock){.older = arena->newest, .size = size};
	arena->newest = block;
	return block;
}

void *
sql_arena_allocate(SqlArena *arena, size_t size)
{
	SqlArenaBlock *block = arena->newest;
	size_t begin = block == NULL ? 0 : (block->used + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);

	if (block == NULL || begin > block->size || block->size - begin < size)
	{
		block = add_block(arena, size > BLOCK_BYTES ? size : BLOCK_BYTES);
		begin = 0;
	}
	block->used = begin + size;
	return memset(block->bytes + begin, 0, size);
}

char *
sql_arena_bytes(SqlArena *arena, const char *bytes, size_t length)
{
	char *copy = sql_arena_allocate(arena, length + 1);

	memcpy(copy, bytes, length);
	return copy;
}

char *
sql_arena_text(SqlArena *arena, const char *text)
{
	return text == NULL ? NULL : sql_arena_bytes(arena, text, strlen(text));
}

char *
sql_arena_join(SqlArena *arena, const char *first, const char *second, const char *third)
{
	size_t lengths[] = {strlen(first), strlen(second), strlen(third)};
	char *joined = sql_arena_allocate(arena, lengths[0] + lengths[1] + lengths[2] + 1);

	memcpy(joined, first, lengths[0]);
	memcpy(joined + lengths[0], second, lengths[1]);
	memcpy(joined + lengths[0] + lengths[1], third, lengths[2]);
	return joined;
}

void
sql_arena_free(SqlArena *arena)
{
	while (arena->newest != NULL)
	{
		SqlArenaBlock *older = arena->newest->older;

		free(arena->newest);
		arena->newest = older;
	}
}
