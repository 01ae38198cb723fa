/*
 * xlsx_rows.h — the rows of a worksheet part, as they stand there.
 */
#ifndef RG_EXCEL_XLSX_ROWS_H
#define RG_EXCEL_XLSX_ROWS_H

#include "connectors/excel/workbook.h"

extern void *xlsx_rows_begin(const Workbook *workbook, Sheet *sheet);
extern bool xlsx_rows_next(void *rows, SheetRow *row);
extern void xlsx_rows_end(void *rows);

#endif
