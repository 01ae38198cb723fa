/*
 * part_rows.h — inside of parts: the rows of one part after the other, with the columns of the relation.
 * Parts that a condition on a partition leaves out are not read.
 */
#ifndef RG_S3_PART_ROWS_H
#define RG_S3_PART_ROWS_H

#include "connectors/files/format.h"

/* As of a Format. */
extern void *
part_rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read);
extern bool part_rows_next(void *rows, FileValue *values);
extern void part_rows_end(void *rows);

#endif
