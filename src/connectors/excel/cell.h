/*
 * cell.h — the cells of a sheet, row by row. Each value is there as PostgreSQL reads it.
 */
#ifndef RG_EXCEL_CELL_H
#define RG_EXCEL_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/wire.h"

#define MOST_SHEET_ROWS    1048576
#define MOST_SHEET_COLUMNS 16384
/* Excel has 32,767 characters, other programs more. */
#define MOST_CELL_BYTES (1 << 20)

/* In the order in which a type names them. */
typedef enum CellKind
{
	CELL_TEXT,
	CELL_INTEGER,
	CELL_NUMBER,
	CELL_BOOLEAN,
	CELL_DATE,
	CELL_TIME,
	CELL_DATETIME,
	CELL_DURATION,
	CELL_ERROR,
	CELL_FORMULA, /* without a value */
	CELL_KINDS
} CellKind;

typedef struct Cell
{
	int column; /* from 0 */
	CellKind kind;
	size_t start; /* in the row's text */
	size_t length;
} Cell;

typedef struct SheetRow
{
	int64_t number; /* from 0 */
	Cell *cells;
	int count;
	int capacity;
	WireBuffer text;
} SheetRow;

/* Empties the row, which begins as zeros, for the next one. */
extern void row_begin(SheetRow *row, int64_t number);

/* Adds a cell whose value the caller then appends to row->text, until row_end_cell(). */
extern Cell *row_add_cell(SheetRow *row, int column, CellKind kind);

/* A text without characters is no cell. */
extern void row_end_cell(SheetRow *row);

extern void row_free(SheetRow *row);

static inline const char *
cell_text(const SheetRow *row, const Cell *cell)
{
	return row->text.data + cell->start;
}

#endif
