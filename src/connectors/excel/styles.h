/*
 * styles.h — which cell styles of a workbook show numbers as dates or times.
 */
#ifndef RG_EXCEL_STYLES_H
#define RG_EXCEL_STYLES_H

#include "connectors/excel/xlsx.h"

extern void styles_read(Xlsx *xlsx, const char *part);

#endif
