/*
 * read.h — the operation read: the file's rows, with their values as PostgreSQL reads them in the column's
 * type. Conditions are left to the caller.
 */
#ifndef RG_CSV_READ_H
#define RG_CSV_READ_H

#include "connectors/common/request.h"
#include "connectors/csv/table.h"

extern void read_table(const Request *request, const StoredFile *file, const TableWishes *wishes);

#endif
