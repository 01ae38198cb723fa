#include "connectors/excel/cell.h"

#include <stdlib.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"

void
row_begin(SheetRow *row, int64_t number)
{
	row->number = number;
	row->count = 0;
	wire_reset(&row->text);
}

Cell *
row_add_cell(SheetRow *row, int column, CellKind kind)
{
	if (row->count == row->capacity)
	{
		row->capacity = row->capacity ? 2 * row->capacity : 64;
		row->cells = reallocate(row->cells, (size_t) row->capacity * sizeof(Cell));
	}
	row->cells[row->count] = (Cell){.column = column, .kind = kind, .start = row->text.length};
	return &row->cells[row->count++];
}

void
row_end_cell(SheetRow *row)
{
	Cell *cell = &row->cells[row->count - 1];

	if (row->text.failed)
		give_up_out_of_memory();
	cell->length = row->text.length - cell->start;
	if (cell->length > MOST_CELL_BYTES)
		give_up_too_large("A cell of the workbook has more than 1 MiB.", NULL);
	if (cell->length == 0 && cell->kind != CELL_FORMULA)
		row->count--;
}

void
row_free(SheetRow *row)
{
	free(row->cells);
	wire_free(&row->text);
}
