#include "connectors/excel/ods_rows.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/ods.h"
#include "connectors/excel/serial.h"
#include "connectors/excel/xml.h"

typedef struct OdsRows
{
	Sheet *sheet;
	Xml *xml;
	SheetRow *row;
	int number; /* of the sheet */
	int sheets; /* that have begun */
	int tables; /* elements that are open */
	bool has_ended;
	int64_t next_row;
	int64_t repeated; /* times that the row is still to be given out */
	bool in_row;
	/* The cell that was begun. */
	bool in_cell;
	bool is_covered; /* by another cell that is merged over it */
	bool is_error;
	bool has_formula;
	int column;
	int64_t copies;
	char *type;
	char *value;
	int paragraphs;
	int in_paragraph;
	int aside; /* elements whose text is not the cell's: notes */
	WireBuffer text;
} OdsRows;

static bool
is_in_sheet(const OdsRows *rows)
{
	return rows->tables == 1 && rows->sheets == rows->number + 1;
}

/* ---- cells ---- */

static bool
says_error(const char **attributes)
{
	for (; *attributes; attributes += 2)
		if (strcmp(attributes[0], "calcext:value-type") == 0)
			return strcmp(attributes[1], "error") == 0;
	return false;
}

static char *
copy_attribute(const char **attributes, const char *name)
{
	const char *value = xml_attribute(attributes, name);

	return value ? copy_text(value) : NULL;
}

static char *
cell_value(const char **attributes, const char *type)
{
	static const char *const names[][2] = {{"date", "date-value"},
										   {"time", "time-value"},
										   {"boolean", "boolean-value"},
										   {"string", "string-value"}};

	for (size_t i = 0; type && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(type, names[i][0]) == 0)
			return copy_attribute(attributes, names[i][1]);
	return copy_attribute(attributes, "value");
}

static void
add_merged(const OdsRows *rows, const char **attributes)
{
	int64_t columns = xml_number(attributes, "number-columns-spanned", 1);
	int64_t lines = xml_number(attributes, "number-rows-spanned", 1);
	Area area = {.top = rows->next_row, .left = rows->column};

	if (columns < 1 || lines < 1 || rows->column + columns > MOST_SHEET_COLUMNS || lines > MOST_SHEET_ROWS)
		return;
	area.right = rows->column + (int) columns - 1;
	area.bottom = area.top + lines - 1;
	sheet_add_merged(rows->sheet, &area);
}

static void
begin_cell(OdsRows *rows, const char **attributes, bool is_covered)
{
	rows->in_cell = true;
	rows->is_covered = is_covered;
	rows->copies = xml_number(attributes, "number-columns-repeated", 1);
	rows->type = copy_attribute(attributes, "value-type");
	rows->value = cell_value(attributes, rows->type);
	rows->is_error = says_error(attributes);
	rows->has_formula = xml_attribute(attributes, "formula") != NULL;
	rows->paragraphs = 0;
	wire_reset(&rows->text);
	if (!is_covered)
		add_merged(rows, attributes);
}

static bool
is_type(const OdsRows *rows, const char *type)
{
	return rows->type && strcmp(rows->type, type) == 0;
}

/* Adds the cell to the row, unless it is empty. */
static void
add_cell(const OdsRows *rows, int column)
{
	SheetRow *row = rows->row;
	const char *value = rows->value;
	size_t length = value ? strlen(value) : 0;

	if (rows->is_error)
		text_add(row, column, CELL_ERROR, rows->text.data, rows->text.length - 1);
	else if (value && is_type(rows, "date"))
		iso_add(row, column, value, length);
	else if (value && is_type(rows, "time"))
		iso_duration_add(row, column, value, length, true);
	else if (value && is_type(rows, "boolean"))
		text_add(row, column, CELL_BOOLEAN, value, length);
	else if (value && is_type(rows, "string"))
		text_add(row, column, CELL_TEXT, value, length);
	else if (value && rows->type)
		number_add(row, column, value, length, FORMAT_NUMBER, false);
	else if (rows->text.length > 1)
		text_add(row, column, CELL_TEXT, rows->text.data, rows->text.length - 1);
	else if (rows->has_formula && !rows->type)
	{
		row_add_cell(row, column, CELL_FORMULA);
		row_end_cell(row);
	}
}

static void
end_cell(OdsRows *rows)
{
	int64_t copies = rows->copies;
	int before = rows->row->count;

	rows->in_cell = false;
	wire_append(&rows->text, "", 1);
	if (rows->text.failed)
		give_up_out_of_memory();
	for (int64_t i = 0; i < copies && !rows->is_covered; i++)
	{
		if (rows->column + i >= MOST_SHEET_COLUMNS)
			give_up_broken("A row of a sheet has more than 16,384 cells.", rows->sheet->name);
		add_cell(rows, rows->column + (int) i);
		if (rows->row->count == before)
			break;
	}
	rows->column =
		rows->column + copies < MOST_SHEET_COLUMNS ? rows->column + (int) copies : MOST_SHEET_COLUMNS;
	free(rows->type);
	free(rows->value);
	rows->type = NULL;
	rows->value = NULL;
}

/* ---- text ---- */

static void
append_text(OdsRows *rows, const char *bytes, size_t length)
{
	wire_append(&rows->text, bytes, length);
	if (rows->text.length > MOST_CELL_BYTES)
		give_up_too_large("A cell of the workbook has more than 1 MiB.", rows->sheet->name);
}

static void
append_spaces(OdsRows *rows, int64_t count)
{
	for (int64_t i = 0; i < count; i++)
		append_text(rows, " ", 1);
}

static void
start_in_cell(OdsRows *rows, const char *name, const char **attributes)
{
	if (rows->aside > 0 || strcmp(name, "annotation") == 0 || strcmp(name, "table") == 0 ||
		strcmp(name, "shapes") == 0 || strcmp(name, "frame") == 0)
		rows->aside++;
	else if (strcmp(name, "p") == 0 && rows->in_paragraph++ == 0)
	{
		if (rows->paragraphs++ > 0)
			append_text(rows, "\n", 1);
	}
	else if (strcmp(name, "s") == 0)
		append_spaces(rows, xml_number(attributes, "c", 1));
	else if (strcmp(name, "tab") == 0)
		append_text(rows, "\t", 1);
	else if (strcmp(name, "line-break") == 0)
		append_text(rows, "\n", 1);
}

static void
text(void *context, const char *bytes, size_t length)
{
	OdsRows *rows = context;

	if (rows->in_cell && rows->in_paragraph > 0 && rows->aside == 0)
		append_text(rows, bytes, length);
}

/* ---- elements ---- */

static void
begin_row(OdsRows *rows, const char **attributes)
{
	rows->repeated = xml_number(attributes, "number-rows-repeated", 1);
	rows->in_row = true;
	rows->column = 0;
	row_begin(rows->row, rows->next_row);
}

static void
end_row(OdsRows *rows)
{
	rows->in_row = false;
	rows->next_row += rows->repeated;
	if (rows->row->count == 0)
	{
		rows->repeated = 0;
		return;
	}
	if (rows->repeated < 1 || rows->next_row > MOST_SHEET_ROWS)
		give_up_broken("A sheet has more than 1,048,576 rows.", rows->sheet->name);
	xml_pause(rows->xml);
}

static void
start(void *context, const char *name, const char **attributes)
{
	OdsRows *rows = context;

	if (rows->in_cell)
		start_in_cell(rows, name, attributes);
	else if (strcmp(name, "table") == 0)
		rows->sheets += rows->tables++ == 0;
	else if (!is_in_sheet(rows))
		return;
	else if (!rows->in_row && strcmp(name, "table-row") == 0)
		begin_row(rows, attributes);
	else if (rows->in_row && strcmp(name, "table-cell") == 0)
		begin_cell(rows, attributes, false);
	else if (rows->in_row && strcmp(name, "covered-table-cell") == 0)
		begin_cell(rows, attributes, true);
}

static void
end_in_cell(OdsRows *rows, const char *name)
{
	if (rows->aside > 0)
		rows->aside--;
	else if (strcmp(name, "p") == 0 && rows->in_paragraph > 0)
		rows->in_paragraph--;
	else if (strcmp(name, "table-cell") == 0 || strcmp(name, "covered-table-cell") == 0)
		end_cell(rows);
}

static void
end(void *context, const char *name)
{
	OdsRows *rows = context;

	if (rows->in_cell)
		end_in_cell(rows, name);
	else if (rows->in_row && is_in_sheet(rows) && strcmp(name, "table-row") == 0)
		end_row(rows);
	else if (strcmp(name, "table") == 0)
	{
		if (is_in_sheet(rows))
		{
			rows->has_ended = true;
			xml_pause(rows->xml);
		}
		rows->tables--;
	}
}

/* ---- rows ---- */

void *
ods_rows_begin(const Workbook *workbook, Sheet *sheet)
{
	static const XmlHandlers handlers = {.start = start, .end = end, .text = text};
	OdsRows *rows = allocate(sizeof(OdsRows));

	*rows = (OdsRows){.sheet = sheet, .number = atoi(sheet->place)};
	sheet->merged_count = 0;
	rows->xml = xml_open(workbook->content, ODS_CONTENT, &handlers, rows);
	return rows;
}

bool
ods_rows_next(void *state, SheetRow *row)
{
	OdsRows *rows = state;

	rows->row = row;
	if (rows->repeated > 1)
	{
		rows->repeated--;
		row->number++;
		return true;
	}
	return xml_next(rows->xml) && !rows->has_ended;
}

void
ods_rows_end(void *state)
{
	OdsRows *rows = state;

	xml_close(rows->xml);
	wire_free(&rows->text);
	free(rows->type);
	free(rows->value);
	free(rows);
}
