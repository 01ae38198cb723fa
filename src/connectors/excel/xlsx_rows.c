#include "connectors/excel/xlsx_rows.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/xlsx.h"
#include "connectors/excel/xml.h"

typedef struct XlsxRows
{
	const Xlsx *xlsx;
	Sheet *sheet;
	Xml *xml;
	SheetRow *row;
	int64_t last_row; /* the number of the row that was begun; -1: none */
	bool in_row;
	/* The cell that was begun. */
	bool in_cell;
	int column;
	int64_t style;
	char type; /* n s S (str) i (inlineStr) b e d */
	bool has_formula;
	bool in_value;
	int phonetic;
	WireBuffer value;
} XlsxRows;

/* ---- cells ---- */

static char
cell_type(const char **attributes)
{
	const char *type = xml_attribute(attributes, "t");

	if (type == NULL)
		return 'n';
	return strcmp(type, "str") == 0 ? 'S' : strcmp(type, "inlineStr") == 0 ? 'i' : type[0];
}

/* Cells without a place stand behind the one before. */
static void
begin_cell(XlsxRows *rows, const char **attributes)
{
	const char *reference = xml_attribute(attributes, "r");
	Area area;

	if (reference && area_read(reference, &area))
		rows->column = area.left;
	else
		rows->column++;
	if (rows->column >= MOST_SHEET_COLUMNS)
		give_up_broken("A row of a sheet has more than 16,384 cells.", rows->sheet->name);
	rows->in_cell = true;
	rows->style = xml_number(attributes, "s", 0);
	rows->type = cell_type(attributes);
	rows->has_formula = false;
	wire_reset(&rows->value);
}

static void
add_shared(XlsxRows *rows, const char *number)
{
	char *end;
	size_t length;
	long place = strtol(number, &end, 10);
	const char *text = *end ? NULL : strings_get(&rows->xlsx->strings, place, &length);

	if (text)
		text_add(rows->row, rows->column, CELL_TEXT, text, length);
	else
		text_add(rows->row, rows->column, CELL_ERROR, "#REF!", 5);
}

static void
add_boolean(XlsxRows *rows, const char *value)
{
	bool is_true = strcmp(value, "1") == 0 || strcmp(value, "true") == 0;

	text_add(rows->row, rows->column, CELL_BOOLEAN, is_true ? "true" : "false", is_true ? 4 : 5);
}

static void
add_value(XlsxRows *rows, char *value, size_t length)
{
	SheetRow *row = rows->row;
	int column = rows->column;

	switch (rows->type)
	{
		case 's':
			add_shared(rows, value);
			break;
		case 'S':
		case 'i':
			text_add(row, column, CELL_TEXT, value, strings_unescape(value, length));
			break;
		case 'b':
			add_boolean(rows, value);
			break;
		case 'e':
			text_add(row, column, CELL_ERROR, value, length);
			break;
		case 'd':
			iso_add(row, column, value, length);
			break;
		default:
			number_add(row, column, value, length, xlsx_format(rows->xlsx, rows->style),
					   rows->xlsx->from_1904);
	}
}

static void
end_cell(XlsxRows *rows)
{
	size_t length = rows->value.length;

	rows->in_cell = false;
	wire_append(&rows->value, "", 1);
	if (rows->value.failed)
		give_up_out_of_memory();
	if (length > 0)
		add_value(rows, rows->value.data, length);
	else if (rows->has_formula && rows->type != 'S')
	{
		row_add_cell(rows->row, rows->column, CELL_FORMULA);
		row_end_cell(rows->row);
	}
}

/* ---- elements ---- */

static void
begin_row(XlsxRows *rows, const char **attributes)
{
	int64_t number = xml_number(attributes, "r", 0) - 1;

	if (number < 0)
		number = rows->last_row + 1;
	if (number >= MOST_SHEET_ROWS)
		give_up_broken("A sheet has more than 1,048,576 rows.", rows->sheet->name);
	if (number <= rows->last_row)
		give_up_broken("The rows of a sheet are not in the order of their numbers.", rows->sheet->name);
	rows->last_row = number;
	rows->in_row = true;
	rows->column = -1;
	row_begin(rows->row, number);
}

static void
add_merged(XlsxRows *rows, const char **attributes)
{
	const char *reference = xml_attribute(attributes, "ref");
	Area area;

	if (reference && area_read(reference, &area))
		sheet_add_merged(rows->sheet, &area);
}

static void
start_in_cell(XlsxRows *rows, const char *name)
{
	if (strcmp(name, "f") == 0)
		rows->has_formula = true;
	else if (strcmp(name, "rPh") == 0)
		rows->phonetic++;
	else if (strcmp(name, "v") == 0 || strcmp(name, "t") == 0)
		rows->in_value = rows->phonetic == 0;
}

static void
start(void *context, const char *name, const char **attributes)
{
	XlsxRows *rows = context;

	if (rows->in_cell)
		start_in_cell(rows, name);
	else if (rows->in_row && strcmp(name, "c") == 0)
		begin_cell(rows, attributes);
	else if (!rows->in_row && strcmp(name, "row") == 0)
		begin_row(rows, attributes);
	else if (strcmp(name, "mergeCell") == 0)
		add_merged(rows, attributes);
}

static void
end(void *context, const char *name)
{
	XlsxRows *rows = context;

	if (rows->in_value)
		rows->in_value = !(strcmp(name, "v") == 0 || strcmp(name, "t") == 0);
	else if (rows->in_cell && strcmp(name, "rPh") == 0)
		rows->phonetic--;
	else if (rows->in_cell && strcmp(name, "c") == 0)
		end_cell(rows);
	else if (rows->in_row && !rows->in_cell && strcmp(name, "row") == 0)
	{
		rows->in_row = false;
		if (rows->row->count > 0)
			xml_pause(rows->xml);
	}
}

static void
text(void *context, const char *bytes, size_t length)
{
	XlsxRows *rows = context;

	if (!rows->in_value)
		return;
	wire_append(&rows->value, bytes, length);
	if (rows->value.length > MOST_CELL_BYTES)
		give_up_too_large("A cell of the workbook has more than 1 MiB.", rows->sheet->name);
}

/* ---- rows ---- */

void *
xlsx_rows_begin(const Workbook *workbook, Sheet *sheet)
{
	static const XmlHandlers handlers = {.start = start, .end = end, .text = text};
	XlsxRows *rows = allocate(sizeof(XlsxRows));
	const Xlsx *xlsx = workbook->content;

	*rows = (XlsxRows){.xlsx = xlsx, .sheet = sheet, .last_row = -1};
	sheet->merged_count = 0;
	rows->xml = xml_open(xlsx->package, sheet->place, &handlers, rows);
	return rows;
}

bool
xlsx_rows_next(void *state, SheetRow *row)
{
	XlsxRows *rows = state;

	rows->row = row;
	return xml_next(rows->xml);
}

void
xlsx_rows_end(void *state)
{
	XlsxRows *rows = state;

	xml_close(rows->xml);
	wire_free(&rows->value);
	free(rows);
}
