/*
 * region.h — the relations of a sheet: its tables, and what stands outside of them.
 */
#ifndef RG_EXCEL_REGION_H
#define RG_EXCEL_REGION_H

#include "connectors/excel/workbook.h"

typedef enum HeaderWish
{
	HEADER_OPEN, /* to be found */
	HEADER_NONE,
	HEADER_FIRST /* the first row that has a cell */
} HeaderWish;

/* A bit for each kind of cell. */
typedef unsigned CellKinds;

typedef struct RegionColumn
{
	char *name;
	int place; /* the column of the sheet */
	CellKinds kinds;
} RegionColumn;

typedef struct Region
{
	const Workbook *workbook;
	Sheet *sheet;
	const SheetTable *table; /* NULL: the rest of the sheet */
	bool is_absent;          /* the rest of a sheet with tables that has no cell */
	bool has_header;
	int64_t first_row;   /* of the values */
	int64_t passed_over; /* rows with cells before the header */
	int64_t rows;        /* that have cells */
	RegionColumn *columns;
	int column_count;
} Region;

typedef struct Regions
{
	Region *items;
	int count;
} Regions;

/* Reads the sheet, and adds a region for each of its tables, and one for the rest. */
extern void regions_find(const Workbook *workbook, Sheet *sheet, HeaderWish header, Regions *regions);
extern void regions_free(Regions *regions);

/* Is the cell in this place a value of the region? */
extern bool region_holds(const Region *region, int64_t row, int column);

#endif
