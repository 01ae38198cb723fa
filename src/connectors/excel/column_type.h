/*
 * column_type.h — the type of a column whose cells are of these kinds.
 */
#ifndef RG_EXCEL_COLUMN_TYPE_H
#define RG_EXCEL_COLUMN_TYPE_H

#include "connectors/excel/region.h"

#define COLUMN_TYPE_BYTES 128

/* The kinds' names: `text`, or `integer | error`. A kind that another one includes is not named. */
extern void column_type_write(CellKinds kinds, char *type);

/* NULL: text. Beside errors and formulas without a value all cells must be of one kind. */
extern const char *column_pg_type(CellKinds kinds);

#endif
