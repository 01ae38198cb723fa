/*
 * row_texts.h — the values of one row as texts that stand one behind the other, for formats whose rows are
 * made from other values.
 */
#ifndef RG_FILES_ROW_TEXTS_H
#define RG_FILES_ROW_TEXTS_H

#include "connectors/files/format.h"

typedef struct RowTexts
{
	WireBuffer texts; /* where the next value is written */
	int most;
	int count;
	size_t *ends;
	bool *are_null;
} RowTexts;

/* most: values of a row. */
extern void row_texts_begin(RowTexts *row, int most);
extern void row_texts_restart(RowTexts *row);

/* Ends the value that was appended to `texts`; false: it is null. */
extern void row_texts_add(RowTexts *row, bool is_value);

/* The values stay until the next row. */
extern void row_texts_give(RowTexts *row, FileValue *values);
extern void row_texts_end(RowTexts *row);

#endif
