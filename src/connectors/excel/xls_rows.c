#include "connectors/excel/xls_rows.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/xls.h"

/* Where a cell's record is. */
typedef struct XlsCell
{
	uint16_t row;
	uint16_t column;
	uint16_t number; /* in a record of several cells */
	size_t place;
} XlsCell;

typedef struct XlsRows
{
	const Xls *xls;
	Sheet *sheet;
	XlsCell *cells;
	size_t count;
	size_t next;
	WireBuffer text;
} XlsRows;

/* ---- finding the cells ---- */

static void
add_cell(XlsRows *rows, uint32_t row, uint32_t column, uint32_t number, size_t place)
{
	if ((rows->count & (rows->count - 1)) == 0)
		rows->cells = reallocate(rows->cells, (rows->count ? 2 * rows->count : 1) * sizeof(XlsCell));
	rows->cells[rows->count++] = (XlsCell){
		.row = (uint16_t) row, .column = (uint16_t) column, .number = (uint16_t) number, .place = place};
}

static void
add_numbers(XlsRows *rows, BiffRecord *record)
{
	size_t length = record->end - record->at;
	uint32_t row = biff_16(record);
	uint32_t column = biff_16(record);

	for (uint32_t i = 0; 4 + 6 * (size_t) (i + 1) <= length; i++)
		add_cell(rows, row, column + i, i, record->start);
}

static void
add_merged(const XlsRows *rows, BiffRecord *record)
{
	uint32_t count = biff_16(record);

	for (uint32_t i = 0; i < count && record->end - record->at >= 8; i++)
	{
		Area area = {.top = biff_16(record)};

		area.bottom = biff_16(record);
		area.left = (int) biff_16(record);
		area.right = (int) biff_16(record);
		if (area.top <= area.bottom && area.left <= area.right && area.right < MOST_SHEET_COLUMNS)
			sheet_add_merged(rows->sheet, &area);
	}
}

static void
take_record(XlsRows *rows, BiffRecord *record)
{
	uint32_t row;

	switch (record->type)
	{
		case BIFF_FORMULA:
		case BIFF_RICH_TEXT:
		case BIFF_SHARED_TEXT:
		case BIFF_NUMBER:
		case BIFF_TEXT:
		case BIFF_BOOLEAN:
		case BIFF_SHORT_NUMBER:
			row = biff_16(record);
			add_cell(rows, row, biff_16(record), 0, record->start);
			break;
		case BIFF_NUMBERS:
			add_numbers(rows, record);
			break;
		case BIFF_MERGED:
			add_merged(rows, record);
			break;
		default:
			break;
	}
}

/* Charts within the sheet have records of their own, between a beginning and an end. */
static void
find_cells(XlsRows *rows, size_t place)
{
	BiffRecord record;
	int depth = 0;

	if (!biff_record(&rows->xls->biff, place, &record) || record.type != BIFF_BEGIN)
		give_up_broken("A sheet of the workbook is not where it should be.", rows->sheet->name);
	do
	{
		if (record.type == BIFF_BEGIN)
			depth++;
		else if (record.type == BIFF_END)
			depth--;
		else if (depth == 1)
			take_record(rows, &record);
	} while (depth > 0 && biff_record(&rows->xls->biff, biff_next(&record), &record));
}

static int
compare(const void *left, const void *right)
{
	const XlsCell *one = left;
	const XlsCell *other = right;

	if (one->row != other->row)
		return one->row - other->row;
	if (one->column != other->column)
		return one->column - other->column;
	return one->place < other->place ? -1 : one->place > other->place;
}

/* ---- values ---- */

static const char *
error_name(uint32_t code)
{
	switch (code)
	{
		case 0x00:
			return "#NULL!";
		case 0x07:
			return "#DIV/0!";
		case 0x0F:
			return "#VALUE!";
		case 0x17:
			return "#REF!";
		case 0x1D:
			return "#NAME?";
		case 0x24:
			return "#NUM!";
		default:
			return "#N/A";
	}
}

static void
add_literal(SheetRow *row, int column, CellKind kind, const char *text)
{
	text_add(row, column, kind, text, strlen(text));
}

static void
add_boolean(SheetRow *row, int column, uint32_t value, bool is_error)
{
	if (is_error)
		add_literal(row, column, CELL_ERROR, error_name(value));
	else
		add_literal(row, column, CELL_BOOLEAN, value ? "true" : "false");
}

static void
add_number(const XlsRows *rows, SheetRow *row, int column, uint32_t style, double value)
{
	const Xls *xls = rows->xls;
	uint16_t format = style < (uint32_t) xls->style_count ? xls->styles[style] : 0;

	serial_add(row, column, value, xls->formats[format], xls->from_1904);
}

/* A whole number, or the upper bits of a double; also by the hundred. */
static double
short_number(uint32_t bits)
{
	uint64_t wide = (uint64_t) (bits & 0xFFFFFFFC) << 32;
	double value;

	if (bits & 2)
		value = (double) ((int32_t) bits >> 2);
	else
		memcpy(&value, &wide, sizeof(value));
	return bits & 1 ? value / 100 : value;
}

static void
add_shared(const XlsRows *rows, SheetRow *row, int column, uint32_t number)
{
	const Xls *xls = rows->xls;

	if (number >= xls->string_count)
		add_literal(row, column, CELL_ERROR, "#REF!");
	else
		text_add(row, column, CELL_TEXT, xls->strings.data + xls->starts[number],
				 xls->starts[number + 1] - xls->starts[number] - 1);
}

static void
add_text(XlsRows *rows, SheetRow *row, int column, BiffRecord *record)
{
	wire_reset(&rows->text);
	biff_text(record, 2, &rows->text);
	if (rows->text.failed)
		give_up_out_of_memory();
	text_add(row, column, CELL_TEXT, rows->text.data, rows->text.length);
}

/* The text that a formula has as its result stands in a later record; others of the formula may come first.
 */
static void
add_result(XlsRows *rows, SheetRow *row, int column, const BiffRecord *formula)
{
	BiffRecord record = *formula;

	for (int i = 0; i < 3 && biff_record(formula->biff, biff_next(&record), &record); i++)
		if (record.type == BIFF_RESULT)
		{
			add_text(rows, row, column, &record);
			return;
		}
}

static void
add_formula(XlsRows *rows, SheetRow *row, int column, uint32_t style, BiffRecord *record)
{
	const unsigned char *result = record->biff->bytes + record->at;

	if (record->end - record->at < 8)
		return;
	if (result[6] != 0xFF || result[7] != 0xFF)
		add_number(rows, row, column, style, biff_double(record));
	else if (result[0] == 0)
		add_result(rows, row, column, record);
	else if (result[0] < 3)
		add_boolean(row, column, result[2], result[0] == 2);
}

static void
add_value(XlsRows *rows, SheetRow *row, const XlsCell *cell)
{
	BiffRecord record;
	uint32_t style;
	uint32_t value;

	biff_record(&rows->xls->biff, cell->place, &record);
	biff_skip(&record, 4 + 6 * (size_t) cell->number);
	style = biff_16(&record);
	switch (record.type)
	{
		case BIFF_FORMULA:
			add_formula(rows, row, cell->column, style, &record);
			break;
		case BIFF_SHARED_TEXT:
			add_shared(rows, row, cell->column, biff_32(&record));
			break;
		case BIFF_NUMBER:
			add_number(rows, row, cell->column, style, biff_double(&record));
			break;
		case BIFF_BOOLEAN:
			value = biff_8(&record);
			add_boolean(row, cell->column, value, biff_8(&record) != 0);
			break;
		case BIFF_SHORT_NUMBER:
		case BIFF_NUMBERS:
			add_number(rows, row, cell->column, style, short_number(biff_32(&record)));
			break;
		default:
			add_text(rows, row, cell->column, &record);
	}
}

/* ---- rows ---- */

void *
xls_rows_begin(const Workbook *workbook, Sheet *sheet)
{
	XlsRows *rows = allocate(sizeof(XlsRows));

	*rows = (XlsRows){.xls = workbook->content, .sheet = sheet};
	sheet->merged_count = 0;
	find_cells(rows, strtoul(sheet->place, NULL, 10));
	if (rows->count > 0)
		qsort(rows->cells, rows->count, sizeof(XlsCell), compare);
	return rows;
}

bool
xls_rows_next(void *state, SheetRow *row)
{
	XlsRows *rows = state;

	while (rows->next < rows->count)
	{
		uint16_t number = rows->cells[rows->next].row;

		row_begin(row, number);
		for (; rows->next < rows->count && rows->cells[rows->next].row == number; rows->next++)
			if (rows->cells[rows->next].column < MOST_SHEET_COLUMNS)
				add_value(rows, row, &rows->cells[rows->next]);
		if (row->count > 0)
			return true;
	}
	return false;
}

void
xls_rows_end(void *state)
{
	XlsRows *rows = state;

	free(rows->cells);
	wire_free(&rows->text);
	free(rows);
}
