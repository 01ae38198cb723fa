/*
 * header.c — the names are the first row of texts above values of another type; in a sheet of texts, the
 * first row as wide as most whose cells differ, and do not come again. Merged cells are as if each of them
 * had the text, so that names above groups of columns are found, too.
 */
#include "connectors/excel/header.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"

static int
compare(const void *left, const void *right)
{
	return ((const Cell *) left)->column - ((const Cell *) right)->column;
}

bool
head_take(Head *head, const SheetRow *row)
{
	SheetRow *copy = &head->rows[head->count];

	if (head->count == MOST_HEAD_ROWS)
		return false;
	head->count++;
	*copy = (SheetRow){.number = row->number, .count = row->count, .capacity = row->count};
	copy->cells = allocate((size_t) row->count * sizeof(Cell));
	memcpy(copy->cells, row->cells, (size_t) row->count * sizeof(Cell));
	qsort(copy->cells, (size_t) row->count, sizeof(Cell), compare);
	wire_append(&copy->text, row->text.data, row->text.length);
	if (copy->text.failed)
		give_up_out_of_memory();
	return true;
}

void
head_free(Head *head)
{
	for (int i = 0; i < head->count; i++)
		row_free(&head->rows[i]);
}

/* ---- cells ---- */

static const Cell *
find_cell(const SheetRow *row, int column)
{
	Cell wanted = {.column = column};

	return bsearch(&wanted, row->cells, (size_t) row->count, sizeof(Cell), compare);
}

static const SheetRow *
find_row(const Head *head, int64_t number)
{
	for (int i = 0; i < head->count; i++)
		if (head->rows[i].number == number)
			return &head->rows[i];
	return NULL;
}

static const Area *
find_merged(const Sheet *sheet, int64_t row, int column)
{
	for (int i = 0; i < sheet->merged_count; i++)
	{
		const Area *area = &sheet->merged[i];

		if (row >= area->top && row <= area->bottom && column >= area->left && column <= area->right)
			return area;
	}
	return NULL;
}

/* A row as it looks: each column's cell, or the one that is merged over it. */
typedef struct Look
{
	const SheetRow **rows; /* whose text the cell has */
	const Cell **cells;    /* NULL: empty */
	int columns;           /* behind the last one that is not empty */
	int count;             /* that are not empty */
	int texts;
} Look;

static void
look_at_cell(Look *look, const SheetRow *row, const Cell *cell, int column)
{
	if (look->cells[column])
		return;
	look->rows[column] = row;
	look->cells[column] = cell;
	look->count++;
	look->texts += cell->kind == CELL_TEXT;
	if (column >= look->columns)
		look->columns = column + 1;
}

static void
look_at_merged(Look *look, const Head *head, int64_t number, const Area *area)
{
	const SheetRow *row = number < area->top || number > area->bottom ? NULL : find_row(head, area->top);
	const Cell *cell = row ? find_cell(row, area->left) : NULL;

	for (int column = area->left; cell && column <= area->right; column++)
		look_at_cell(look, row, cell, column);
}

static void
look_at(Look *look, const Head *head, const Sheet *sheet, int place)
{
	const SheetRow *row = &head->rows[place];

	*look = (Look){.count = 0};
	look->rows = allocate(MOST_SHEET_COLUMNS * sizeof(SheetRow *));
	look->cells = allocate(MOST_SHEET_COLUMNS * sizeof(Cell *));
	memset(look->cells, 0, MOST_SHEET_COLUMNS * sizeof(Cell *));
	for (int i = 0; i < row->count; i++)
		look_at_cell(look, row, &row->cells[i], row->cells[i].column);
	for (int i = 0; i < sheet->merged_count; i++)
		look_at_merged(look, head, row->number, &sheet->merged[i]);
}

static void
look_away(Look *look)
{
	free(look->rows);
	free(look->cells);
}

static bool
is_typed(const Cell *cell)
{
	return cell && cell->kind != CELL_TEXT && cell->kind != CELL_FORMULA && cell->kind != CELL_ERROR;
}

static bool
are_equal(const SheetRow *row, const Cell *cell, const SheetRow *other_row, const Cell *other)
{
	return cell->length == other->length &&
		   memcmp(cell_text(row, cell), cell_text(other_row, other), cell->length) == 0;
}

/* ---- texts above values of another type ---- */

static bool
is_above_values(const Look *look, const SheetRow *next)
{
	bool is_any_typed = false;

	if (next->count * 2 < look->count || next->count > look->count + 1)
		return false;
	for (int i = 0; i < next->count; i++)
	{
		const Cell *above = look->cells[next->cells[i].column];

		is_any_typed |= above && above->kind == CELL_TEXT && is_typed(&next->cells[i]);
	}
	return is_any_typed;
}

/* ---- texts above texts ---- */

/* How many cells each row has, as it looks. */
static void
count_cells(const Head *head, const Sheet *sheet, int *counts)
{
	for (int i = 0; i < head->count; i++)
	{
		Look look;

		look_at(&look, head, sheet, i);
		counts[i] = look.count;
		look_away(&look);
	}
}

/* How many cells most rows have. */
static int
usual_count(const int *counts, int rows)
{
	int usual = 0;
	int most = 0;

	for (int i = 0; i < rows; i++)
	{
		int same = 0;

		for (int j = 0; j < rows; j++)
			same += counts[j] == counts[i];
		if (same > most || (same == most && counts[i] > usual))
		{
			most = same;
			usual = counts[i];
		}
	}
	return usual;
}

static bool
comes_again(const Head *head, int place, const SheetRow *row, const Cell *cell)
{
	for (int i = place + 1; i < head->count; i++)
	{
		const Cell *below = find_cell(&head->rows[i], cell->column);

		if (below && are_equal(row, cell, &head->rows[i], below))
			return true;
	}
	return false;
}

static bool
are_names(const Head *head, int place)
{
	const SheetRow *row = &head->rows[place];

	for (int i = 0; i < row->count; i++)
	{
		const Cell *cell = &row->cells[i];

		if (cell->kind != CELL_TEXT || comes_again(head, place, row, cell))
			return false;
		for (int j = 0; j < i && j < 256; j++)
			if (are_equal(row, cell, row, &row->cells[j]))
				return false;
	}
	return true;
}

/* Does a merged cell reach from the one row to the other? */
static bool
are_joined(const Sheet *sheet, int64_t upper, int64_t lower)
{
	for (int i = 0; i < sheet->merged_count; i++)
		if (sheet->merged[i].top <= upper && sheet->merged[i].bottom >= lower)
			return true;
	return false;
}

/* A row of different texts above is what has the names, if it is as wide and no merged cell joins the two. */
static int
find_names_above(const Head *head, const Sheet *sheet, int place, int columns)
{
	for (int i = 0; i < place; i++)
		if (head->rows[i].count >= columns && are_names(head, i) &&
			!are_joined(sheet, head->rows[i].number, head->rows[place].number))
			return i;
	return place;
}

static int
find_above_values(const Head *head, const Sheet *sheet)
{
	for (int i = 0; i + 1 < head->count; i++)
	{
		Look look;
		bool is_found;

		look_at(&look, head, sheet, i);
		is_found = (look.texts >= 2 || (i == 0 && look.count == 1 && look.texts == 1)) &&
				   look.texts * 2 >= look.count && is_above_values(&look, &head->rows[i + 1]);
		look_away(&look);
		if (is_found)
			return find_names_above(head, sheet, i, look.count);
	}
	return -1;
}

static int
find_above_texts(const Head *head, const Sheet *sheet)
{
	int counts[MOST_HEAD_ROWS];
	int place = 0;
	int usual;

	count_cells(head, sheet, counts);
	usual = usual_count(counts, head->count);
	while (counts[place] < usual)
		place++;
	while (place + 1 < head->count &&
		   are_joined(sheet, head->rows[place].number, head->rows[place + 1].number))
		place++;
	return are_names(head, place) ? place : -1;
}

int
head_find(const Head *head, const Sheet *sheet, HeaderWish wish)
{
	int place;

	if (wish == HEADER_NONE || head->count == 0)
		return -1;
	if (wish == HEADER_FIRST)
		return 0;
	place = find_above_values(head, sheet);
	return place >= 0 ? place : find_above_texts(head, sheet);
}

/* ---- names ---- */

/* Is a row above the names a line of them: does it have a text over several columns, but not over all? */
static bool
is_line(const Head *head, const Sheet *sheet, int place, int columns)
{
	const SheetRow *row = &head->rows[place];

	if (row->number + 1 != head->rows[place + 1].number)
		return false;
	for (int i = 0; i < row->count; i++)
	{
		const Area *area = find_merged(sheet, row->number, row->cells[i].column);

		if (area && area->right > area->left && area->right - area->left + 1 < columns)
			return true;
	}
	return false;
}

int
head_first_line(const Head *head, const Sheet *sheet, int header)
{
	int columns;
	int place = header;
	Look look;

	look_at(&look, head, sheet, header);
	columns = look.columns;
	look_away(&look);
	while (place > 0 && (are_joined(sheet, head->rows[place - 1].number, head->rows[place].number) ||
						 is_line(head, sheet, place - 1, columns)))
		place--;
	return place;
}

static void
append_line(WireBuffer *name, const SheetRow *row, const Cell *cell)
{
	if (name->length > 0)
		wire_append(name, " ", 1);
	wire_append(name, cell_text(row, cell), cell->length);
}

/* A cell that is merged over several lines counts once. */
static void
append_lines(WireBuffer *names, const Cell **last, const Look *look)
{
	for (int i = 0; i < look->columns; i++)
	{
		if (look->cells[i] && look->cells[i] != last[i])
			append_line(&names[i], look->rows[i], look->cells[i]);
		last[i] = look->cells[i];
	}
}

char **
head_names(const Head *head, const Sheet *sheet, int header, int *count)
{
	WireBuffer *names = allocate(MOST_SHEET_COLUMNS * sizeof(WireBuffer));
	const Cell **last = allocate(MOST_SHEET_COLUMNS * sizeof(Cell *));
	char **texts = allocate(MOST_SHEET_COLUMNS * sizeof(char *));

	memset(names, 0, MOST_SHEET_COLUMNS * sizeof(WireBuffer));
	memset(last, 0, MOST_SHEET_COLUMNS * sizeof(Cell *));
	for (int place = head_first_line(head, sheet, header); place <= header; place++)
	{
		Look look;

		look_at(&look, head, sheet, place);
		append_lines(names, last, &look);
		*count = look.columns;
		look_away(&look);
	}
	for (int i = 0; i < MOST_SHEET_COLUMNS; i++)
	{
		if (i < *count)
			wire_append(&names[i], "", 1);
		if (names[i].failed)
			give_up_out_of_memory();
		texts[i] = names[i].data;
	}
	free(names);
	free(last);
	return texts;
}
