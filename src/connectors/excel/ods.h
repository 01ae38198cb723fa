/*
 * ods.h — workbooks as OpenDocument has them. One part has all sheets.
 */
#ifndef RG_EXCEL_ODS_H
#define RG_EXCEL_ODS_H

#include "connectors/excel/package.h"
#include "connectors/excel/workbook.h"

#define ODS_CONTENT "content.xml"

extern bool ods_is(const Package *package);
extern void ods_open(Workbook *workbook, Package *package);

#endif
