/*
 * rows.h — the rows of a relation of a JSON file, one after the other, in bounded memory.
 */
#ifndef RG_JSON_ROWS_H
#define RG_JSON_ROWS_H

#include "connectors/files/format.h"
#include "connectors/json/table.h"

/* What is read of a row may be so long. */
#define MOST_ROW_BYTES (16 * 1024 * 1024)

extern void *
json_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read);
extern bool json_rows_next(void *rows, FileValue *values);
extern void json_rows_end(void *rows);

#endif
