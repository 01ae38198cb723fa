/*
 * xls.h — workbooks of Excel 5 to 2003.
 */
#ifndef RG_EXCEL_XLS_H
#define RG_EXCEL_XLS_H

#include "connectors/excel/biff.h"
#include "connectors/excel/serial.h"
#include "connectors/excel/workbook.h"

typedef struct Xls
{
	Biff biff;
	bool from_1904;
	NumberFormat *formats; /* by their numbers */
	uint16_t *styles;      /* the numbers of the formats of the cell styles */
	int style_count;
	WireBuffer strings; /* that sheets share, one after the other, each with a NUL behind it */
	size_t *starts;     /* of each, and where the last one ends */
	uint32_t string_count;
} Xls;

#define XLS_FORMATS 65536

extern void xls_open(Workbook *workbook);

#endif
