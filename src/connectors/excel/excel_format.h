/*
 * excel_format.h — the format of workbooks.
 */
#ifndef RG_EXCEL_FORMAT_H
#define RG_EXCEL_FORMAT_H

#include "connectors/files/format.h"

extern const Format excel_format;

#endif
