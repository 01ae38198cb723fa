/*
 * query_text.h — what a query may not say. The service is to judge whether a text is a query: it is asked for
 * it in parentheses, which the text must not leave.
 */
#ifndef RG_SNOWFLAKE_QUERY_TEXT_H
#define RG_SNOWFLAKE_QUERY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct QueryFault
{
	const char *message;
	const char *hint;
	size_t at; /* the byte of the text */
} QueryFault;

/*
 * Is the text one SELECT or WITH that stays within parentheses around it? *length: of the statement, without
 * a semicolon at its end. *fault: why not.
 */
extern bool query_text_stays_inside(const char *text, size_t *length, QueryFault *fault);

#endif
