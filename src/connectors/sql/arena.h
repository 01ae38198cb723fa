/*
 * arena.h — memory that is given back all at once: the texts of one relation, or of one answer.
 */
#ifndef RG_SQL_ARENA_H
#define RG_SQL_ARENA_H

#include <stddef.h>

typedef struct SqlArenaBlock SqlArenaBlock;

/* All zero is an empty arena. */
typedef struct SqlArena
{
	SqlArenaBlock *newest;
} SqlArena;

/* Returns zeroed memory. */
extern void *sql_arena_allocate(SqlArena *arena, size_t size);
#define sql_arena_array(arena, type, count)                                                                  \
	((type *) sql_arena_allocate(arena, (size_t) (count) * sizeof(type)))

/* The text may be NULL, and so is the copy then. */
extern char *sql_arena_text(SqlArena *arena, const char *text);
extern char *sql_arena_bytes(SqlArena *arena, const char *bytes, size_t length);
extern char *sql_arena_join(SqlArena *arena, const char *first, const char *second, const char *third);
extern void sql_arena_free(SqlArena *arena);

#endif
