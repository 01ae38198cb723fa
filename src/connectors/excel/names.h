/*
 * names.h — names of columns as they can be: not empty, and different.
 */
#ifndef RG_EXCEL_NAMES_H
#define RG_EXCEL_NAMES_H

#include "connectors/excel/region.h"

/* An empty name becomes column_n; the same name a second time gets _2. Line ends become spaces. */
extern void names_settle(Region *region);

#endif
