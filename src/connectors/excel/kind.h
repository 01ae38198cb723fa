/*
 * kind.h — tells by content which kind of workbook a file is, and names what it is if it is none.
 */
#ifndef RG_EXCEL_KIND_H
#define RG_EXCEL_KIND_H

#include "connectors/excel/workbook.h"

extern void kind_open(Workbook *workbook);

#endif
