/*
 * copy_text.h — takes rows in PostgreSQL's COPY text format apart, in place. Plain C, libc only.
 *
 *   WireRows rows;
 *   wire_rows_begin(&rows, bytes, length);
 *   while ((fault = wire_rows_next(&rows, fields, columns)) == NULL && !rows.ended) …
 *
 * The format as COPY TO writes it, and no more: tabs between the fields, a newline after each row, \N for
 * NULL, and \b \f \n \r \t \v \\ for these characters. Neither the encoding nor NUL bytes are checked.
 */
#ifndef RG_WIRE_COPY_TEXT_H
#define RG_WIRE_COPY_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A value, ended by a NUL byte; text is NULL for NULL. */
typedef struct WireField
{
	char *text;
	size_t length;
} WireField;

typedef struct WireRows
{
	char *position;
	char *end;
	char *backslash; /* the next one from position on, or end */
	bool ended;
} WireRows;

/* bytes are changed while their rows are taken. */
extern void wire_rows_begin(WireRows *rows, char *bytes, size_t length);

/*
 * Takes the next row into fields[0 … columns - 1]; their texts point into bytes. Without a row left it sets
 * ended. Returns NULL, or a static text that names the fault; the rows after it are lost.
 */
extern const char *wire_rows_next(WireRows *rows, WireField *fields, int columns);

#endif
