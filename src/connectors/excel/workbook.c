#include "connectors/excel/workbook.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/kind.h"

#define MOST_SHEETS 10000

Workbook *
workbook_open(const StoredFile *file)
{
	Workbook *workbook = allocate(sizeof(Workbook));

	*workbook = (Workbook){.file = file};
	kind_open(workbook);
	return workbook;
}

static void
free_table(SheetTable *table)
{
	for (int i = 0; i < table->column_count; i++)
		free(table->columns[i]);
	free(table->columns);
	free(table->name);
}

static void
free_sheet(Sheet *sheet)
{
	for (int i = 0; i < sheet->table_count; i++)
		free_table(&sheet->tables[i]);
	free(sheet->tables);
	free(sheet->merged);
	free(sheet->place);
	free(sheet->name);
}

void
workbook_close(Workbook *workbook)
{
	workbook->kind->close(workbook);
	for (int i = 0; i < workbook->sheet_count; i++)
		free_sheet(&workbook->sheets[i]);
	free(workbook->sheets);
	free(workbook);
}

Sheet *
workbook_add_sheet(Workbook *workbook)
{
	if (workbook->sheet_count == MOST_SHEETS)
		give_up_too_large("The workbook has more than 10,000 sheets.", NULL);
	workbook->sheets = reallocate(workbook->sheets, (size_t) (workbook->sheet_count + 1) * sizeof(Sheet));
	workbook->sheets[workbook->sheet_count] = (Sheet){.name = NULL};
	return &workbook->sheets[workbook->sheet_count++];
}

void
sheet_add_merged(Sheet *sheet, const Area *area)
{
	if (area->top >= MOST_MERGED_ROWS || sheet->merged_count == MOST_MERGED ||
		(area->top == area->bottom && area->left == area->right))
		return;
	if ((sheet->merged_count & (sheet->merged_count - 1)) == 0)
		sheet->merged = reallocate(
			sheet->merged, (size_t) (sheet->merged_count ? 2 * sheet->merged_count : 1) * sizeof(Area));
	sheet->merged[sheet->merged_count++] = *area;
}

/* Returns what is behind it, or NULL if it is no cell of a sheet. */
static const char *
read_cell(const char *at, int64_t *row, int *column)
{
	*column = 0;
	*row = 0;
	if (*at == '$')
		at++;
	for (; isalpha((unsigned char) *at) && *column <= MOST_SHEET_COLUMNS; at++)
		*column = *column * 26 + toupper((unsigned char) *at) - 'A' + 1;
	if (*at == '$')
		at++;
	for (; isdigit((unsigned char) *at) && *row <= MOST_SHEET_ROWS; at++)
		*row = *row * 10 + *at - '0';
	if (*column < 1 || *column > MOST_SHEET_COLUMNS || *row < 1 || *row > MOST_SHEET_ROWS)
		return NULL;
	(*column)--;
	(*row)--;
	return at;
}

bool
area_read(const char *reference, Area *area)
{
	const char *at = read_cell(reference, &area->top, &area->left);

	if (at == NULL)
		return false;
	area->bottom = area->top;
	area->right = area->left;
	if (*at == ':')
		at = read_cell(at + 1, &area->bottom, &area->right);
	return at && *at == '\0' && area->top <= area->bottom && area->left <= area->right;
}
