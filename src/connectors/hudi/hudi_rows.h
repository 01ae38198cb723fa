/*
 * hudi_rows.h — the rows of a table: those of its base files, one file after the other. A column is found in
 * a file by its name; a file that lacks it has nulls, or the value that the path of its partition says.
 */
#ifndef RG_HUDI_ROWS_H
#define RG_HUDI_ROWS_H

#include "connectors/files/format.h"

/* As rows_begin, rows_next and rows_end of format.h. The relation's content is a HudiTable. */
extern void *
hudi_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read);
extern bool hudi_rows_next(void *rows, FileValue *values);
extern void hudi_rows_end(void *rows);

#endif
