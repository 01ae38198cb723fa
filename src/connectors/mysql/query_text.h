/*
 * query_text.h — what a query may not say. The transaction is READ ONLY; some statements and functions do
 * harm in it all the same: they write files of the server, read them, or hold locks and threads.
 */
#ifndef RG_MYSQL_QUERY_TEXT_H
#define RG_MYSQL_QUERY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct QueryFault
{
	const char *message;
	const char *hint;
	size_t at; /* the byte of the text */
} QueryFault;

/* Returns whether there is a fault. What is no statement at all is left to the server. */
extern bool query_text_check(const char *text, QueryFault *fault);

/*
 * Where the server found a fault, as far as its message says: "… near 'FROM x' at line 2". Returns the
 * character of the text, from 1, or 0.
 */
extern long long query_text_position(const char *text, const char *message);

/* The number of the character, from 1, that the byte belongs to. */
extern long long query_text_character(const char *text, size_t byte);

#endif
