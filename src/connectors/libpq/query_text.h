/*
 * query_text.h — what a statement says before it runs. The server has parsed it before, or will.
 */
#ifndef RG_LIBPQ_QUERY_TEXT_H
#define RG_LIBPQ_QUERY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Nothing but space, comments and semicolons? */
extern bool query_text_is_empty(const char *text);

/* SELECT, WITH, VALUES, TABLE, or one of these in parentheses? */
extern bool query_text_is_select(const char *text);

/* The statement that EXPLAIN ANALYZE runs. NULL: the text is another statement, or EXPLAIN runs nothing. */
extern const char *query_text_explained(const char *text);

typedef struct QueryFault
{
	const char *message;
	const char *hint;
	size_t at; /* the byte of the text */
} QueryFault;

/*
 * Is the text one SELECT or WITH, without INTO and without parameters? *fault: why not. An empty text is left
 * to query_text_is_empty(). has_escapes: a backslash in a text in quotes is none of its characters.
 */
extern bool query_text_only_selects(const char *text, bool has_escapes, QueryFault *fault);

#endif
