/*
 * xlsx.h — workbooks as Office Open XML has them, transitional and strict.
 */
#ifndef RG_EXCEL_XLSX_H
#define RG_EXCEL_XLSX_H

#include "connectors/excel/package.h"
#include "connectors/excel/serial.h"
#include "connectors/excel/strings.h"
#include "connectors/excel/workbook.h"

typedef struct Xlsx
{
	Package *package;
	bool from_1904;
	NumberFormat *formats; /* of the cell styles */
	int format_count;
	Strings strings;
} Xlsx;

extern void xlsx_open(Workbook *workbook, Package *package);

/* Of a style that is not there: a number. */
extern NumberFormat xlsx_format(const Xlsx *xlsx, int64_t style);

#endif
