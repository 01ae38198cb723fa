#include "connectors/excel/region.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/excel/header.h"
#include "connectors/excel/names.h"

/* What is read of a region. */
typedef struct RegionReading
{
	Region region;
	CellKinds kinds[MOST_SHEET_COLUMNS]; /* of the columns of the sheet */
	int columns;                         /* behind the last one that has a cell */
	Head head;                           /* the first rows, which may be a header */
} RegionReading;

bool
region_holds(const Region *region, int64_t row, int column)
{
	const Sheet *sheet = region->sheet;

	if (region->table)
	{
		const Area *area = &region->table->area;

		return row >= region->first_row && row <= area->bottom - region->table->total_rows &&
			   column >= area->left && column <= area->right;
	}
	if (row < region->first_row)
		return false;
	for (int i = 0; i < sheet->table_count; i++)
	{
		const Area *area = &sheet->tables[i].area;

		if (row >= area->top && row <= area->bottom && column >= area->left && column <= area->right)
			return false;
	}
	return true;
}

/* ---- values ---- */

static void
take_values(RegionReading *reading, const SheetRow *row)
{
	for (int i = 0; i < row->count; i++)
	{
		int column = row->cells[i].column;

		reading->kinds[column] |= (CellKinds) 1 << row->cells[i].kind;
		if (column >= reading->columns)
			reading->columns = column + 1;
	}
	reading->region.rows++;
}

/* The cells of the row that are the region's; those of the rest may be names of columns. */
static void
take_row(RegionReading *reading, const SheetRow *row, SheetRow *own)
{
	row_begin(own, row->number);
	for (int i = 0; i < row->count; i++)
	{
		const Cell *cell = &row->cells[i];

		if (!region_holds(&reading->region, row->number, cell->column))
			continue;
		row_add_cell(own, cell->column, cell->kind);
		wire_append(&own->text, cell_text(row, cell), cell->length);
		row_end_cell(own);
	}
	if (own->count == 0)
		return;
	if (reading->region.table || !head_take(&reading->head, own))
		take_values(reading, own);
}

/* ---- columns ---- */

static void
add_column(Region *region, int place, CellKinds kinds, char *name)
{
	int count = region->column_count;

	if ((count & (count - 1)) == 0)
		region->columns =
			reallocate(region->columns, (size_t) (count ? 2 * count : 1) * sizeof(RegionColumn));
	region->columns[region->column_count++] = (RegionColumn){.name = name, .place = place, .kinds = kinds};
}

static void
end_table(RegionReading *reading)
{
	const SheetTable *table = reading->region.table;

	for (int i = table->area.left; i <= table->area.right; i++)
	{
		int number = i - table->area.left;
		const char *name = number < table->column_count ? table->columns[number] : "";

		add_column(&reading->region, i, reading->kinds[i], copy_text(name));
	}
	reading->region.has_header = table->header_rows > 0;
}

/* Columns that have neither a name nor a value only keep others apart. */
static void
add_columns(RegionReading *reading, char **names, int named)
{
	int columns = named > reading->columns ? named : reading->columns;

	for (int i = 0; i < columns; i++)
	{
		char *name = i < named ? names[i] : copy_text("");

		if (name[0] == '\0' && reading->kinds[i] == 0)
			free(name);
		else
			add_column(&reading->region, i, reading->kinds[i], name);
	}
}

static void
end_rest(RegionReading *reading, HeaderWish wish)
{
	Region *region = &reading->region;
	Head *head = &reading->head;
	int header = head_find(head, region->sheet, wish);
	char **names = NULL;
	int named = 0;

	region->has_header = header >= 0;
	if (header >= 0)
	{
		region->passed_over = head_first_line(head, region->sheet, header);
		region->first_row = head->rows[header].number + 1;
		names = head_names(head, region->sheet, header, &named);
	}
	for (int i = header + 1; i < head->count; i++)
		take_values(reading, &head->rows[i]);
	add_columns(reading, names, named);
	free(names);
}

/* ---- the sheet ---- */

static RegionReading *
begin_region(const Workbook *workbook, Sheet *sheet, const SheetTable *table)
{
	RegionReading *reading = allocate(sizeof(RegionReading));

	memset(reading, 0, sizeof(*reading));
	reading->region = (Region){.workbook = workbook, .sheet = sheet, .table = table};
	if (table)
		reading->region.first_row = table->area.top + table->header_rows;
	return reading;
}

static void
read_sheet(const Workbook *workbook, Sheet *sheet, RegionReading **readings)
{
	SheetRow row = {.count = 0};
	SheetRow own = {.count = 0};
	void *rows = workbook->kind->rows_begin(workbook, sheet);

	while (workbook->kind->rows_next(rows, &row))
		for (int i = 0; i <= sheet->table_count; i++)
		{
			const SheetTable *table = readings[i]->region.table;

			if (table == NULL || (row.number >= table->area.top && row.number <= table->area.bottom))
				take_row(readings[i], &row, &own);
		}
	workbook->kind->rows_end(rows);
	row_free(&row);
	row_free(&own);
}

static void
add_region(Regions *regions, Region *region)
{
	names_settle(region);
	regions->items = reallocate(regions->items, (size_t) (regions->count + 1) * sizeof(Region));
	regions->items[regions->count++] = *region;
}

void
regions_find(const Workbook *workbook, Sheet *sheet, HeaderWish header, Regions *regions)
{
	int tables = sheet->table_count;
	RegionReading **readings = allocate((size_t) (tables + 1) * sizeof(RegionReading *));

	for (int i = 0; i <= tables; i++)
		readings[i] = begin_region(workbook, sheet, i < tables ? &sheet->tables[i] : NULL);
	read_sheet(workbook, sheet, readings);
	for (int i = 0; i <= tables; i++)
	{
		readings[i]->region.is_absent = i == tables && tables > 0 && readings[i]->head.count == 0;
		if (i < tables)
			end_table(readings[i]);
		else
			end_rest(readings[i], header);
		add_region(regions, &readings[i]->region);
		head_free(&readings[i]->head);
		free(readings[i]);
	}
	free(readings);
}

void
regions_free(Regions *regions)
{
	for (int i = 0; i < regions->count; i++)
	{
		for (int j = 0; j < regions->items[i].column_count; j++)
			free(regions->items[i].columns[j].name);
		free(regions->items[i].columns);
	}
	free(regions->items);
}
