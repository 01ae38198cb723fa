/*
 * sample.h — the operation sample: the first rows as examples, and the categories of columns with few values.
 */
#ifndef RG_CSV_SAMPLE_H
#define RG_CSV_SAMPLE_H

#include "connectors/common/request.h"
#include "connectors/csv/table.h"

extern void sample_table(const Request *request, const StoredFile *file, const TableWishes *wishes);

#endif
