/*
 * rows.h — values as text of PostgreSQL's COPY: a tab between columns, a newline after each row, \N for null.
 * Every language can write it, and the server's input functions read it.
 */
#ifndef RG_CONNECTOR_ROWS_H
#define RG_CONNECTOR_ROWS_H

#include "wire/wire.h"

#define ROWS_REPLACEMENT "\xEF\xBF\xBD"

typedef struct Rows
{
	WireBuffer text;
	int64_t count; /* rows that have ended */
	bool in_row;
} Rows;

/*
 * The next value of the row; the first one begins it. The text is UTF-8. PostgreSQL has no NUL: U+FFFD, the
 * replacement character, stands for one. So what the source compares has another text than what is read, and
 * a condition on a text with that character must not be applied by the source.
 */
extern void rows_value(Rows *rows, const char *text, size_t length);
extern void rows_null(Rows *rows);
extern void rows_end_row(Rows *rows);

#endif
