/*
 * records.h — rows of a text file: fields between delimiters, some between quotes. Rows end by LF, CRLF or
 * CR.
 */
#ifndef RG_CSV_RECORDS_H
#define RG_CSV_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOST_FIELDS 10000

typedef struct Dialect
{
	char delimiter;
	char quote;  /* 0: none */
	char escape; /* the quote itself where it is doubled; 0: none */
} Dialect;

typedef struct Field
{
	char *bytes;
	size_t length;
	bool is_quoted;
	bool is_escaped; /* quotes or escapes are still in it */
	bool is_odd;     /* text stands behind its closing quote */
} Field;

typedef struct Record
{
	Field fields[MOST_FIELDS];
	int count;
	bool has_more;    /* than MOST_FIELDS */
	bool is_unclosed; /* the last field's quote is not closed */
} Record;

/*
 * Finds the fields of the first row. Returns its length with its end, or 0 if the row is not whole; at_end:
 * nothing more follows. The bytes stay as they are.
 */
extern size_t record_find(const Dialect *dialect, char *bytes, size_t length, bool at_end, Record *record);

/* Takes quotes and escapes out of the field, whose bytes change. */
extern void field_unescape(const Dialect *dialect, Field *field);

/* Is there nothing in the row? */
extern bool record_is_blank(const Record *record);

#endif
