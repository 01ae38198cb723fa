/*
 * tables.h — the table parts of a worksheet.
 */
#ifndef RG_EXCEL_TABLES_H
#define RG_EXCEL_TABLES_H

#include "connectors/excel/workbook.h"
#include "connectors/excel/xlsx.h"

/* Adds the table of this part to the sheet. */
extern void table_read(const Xlsx *xlsx, Sheet *sheet, const char *part);

#endif
