/*
 * iceberg_rows.h — the rows of the present snapshot, one file after the other, in the order of the manifests.
 */
#ifndef RG_ICEBERG_ROWS_H
#define RG_ICEBERG_ROWS_H

#include "connectors/files/format.h"

/* As in format.h. The relation's file is the table's folder, and its columns are those of the present schema.
 */
extern void *
iceberg_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read);
extern bool iceberg_rows_next(void *rows, FileValue *values);
extern void iceberg_rows_end(void *rows);

#endif
