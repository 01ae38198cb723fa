/*
 * xls_rows.h — the rows of a sheet of Excel 5 to 2003. The records of cells may stand in any order.
 */
#ifndef RG_EXCEL_XLS_ROWS_H
#define RG_EXCEL_XLS_ROWS_H

#include "connectors/excel/workbook.h"

extern void *xls_rows_begin(const Workbook *workbook, Sheet *sheet);
extern bool xls_rows_next(void *rows, SheetRow *row);
extern void xls_rows_end(void *rows);

#endif
