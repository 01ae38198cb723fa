/*
 * ods_rows.h — the rows of a sheet in OpenDocument. Cells and rows that are written once for many are given
 * out as many times, if they are not empty.
 */
#ifndef RG_EXCEL_ODS_ROWS_H
#define RG_EXCEL_ODS_ROWS_H

#include "connectors/excel/workbook.h"

extern void *ods_rows_begin(const Workbook *workbook, Sheet *sheet);
extern bool ods_rows_next(void *rows, SheetRow *row);
extern void ods_rows_end(void *rows);

#endif
