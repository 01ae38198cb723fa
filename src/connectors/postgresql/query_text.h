/*
 * query_text.h — what the beginning of a statement says. The server has parsed it before, or will.
 */
#ifndef RG_POSTGRESQL_QUERY_TEXT_H
#define RG_POSTGRESQL_QUERY_TEXT_H

#include <stdbool.h>

/* Nothing but space, comments and semicolons? */
extern bool query_text_is_empty(const char *text);

/* SELECT, WITH, VALUES, TABLE, or one of these in parentheses? */
extern bool query_text_is_select(const char *text);

/* The statement that EXPLAIN ANALYZE runs. NULL: the text is another statement, or EXPLAIN runs nothing. */
extern const char *query_text_explained(const char *text);

#endif
