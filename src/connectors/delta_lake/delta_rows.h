/*
 * delta_rows.h — the rows of a table: those of its files, one file after the other, with the columns of the
 * table and without deleted rows.
 */
#ifndef RG_DELTA_ROWS_H
#define RG_DELTA_ROWS_H

#include "connectors/files/format.h"

/* As rows_begin, rows_next and rows_end of format.h. The relation's content is a DeltaSnapshot. */
extern void *
delta_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read);
extern bool delta_rows_next(void *rows, FileValue *values);
extern void delta_rows_end(void *rows);

#endif
