#include "connectors/excel/excel_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/configuration.h"
#include "connectors/common/document.h"
#include "connectors/common/emit.h"
#include "connectors/common/hash.h"
#include "connectors/common/memory.h"
#include "connectors/excel/column_type.h"
#include "connectors/excel/region.h"

/* ---- metadata ---- */

/* What the source's metadata say of the file. */
typedef struct Wishes
{
	char *sheet; /* the only one to read, or NULL */
	HeaderWish header;
} Wishes;

static void
read_wishes(const Request *request, Wishes *wishes)
{
	static WireObject options;
	WireSpan header;
	WireSpan sheet;
	bool has_header;

	*wishes = (Wishes){.header = HEADER_OPEN};
	if (request->options == NULL ||
		wire_object_scan(request->options, strlen(request->options), &options) != NULL)
		return;
	header = wire_member(&options, "header");
	sheet = wire_member(&options, "sheet");
	if (sheet.start && sheet.start[0] != '"')
		configuration_fails("metadata.sheet is no text.", NULL);
	wishes->sheet = sheet.start ? wire_string_dup(sheet) : NULL;
	if (header.start == NULL)
		return;
	if (!wire_boolean(header, &has_header))
		configuration_fails("metadata.header is not true or false.", NULL);
	wishes->header = has_header ? HEADER_FIRST : HEADER_NONE;
}

static bool
is_wanted(const Wishes *wishes, const Sheet *sheet)
{
	return wishes->sheet == NULL || strcmp(wishes->sheet, sheet->name) == 0;
}

static void
check_wishes(const Wishes *wishes, const Workbook *workbook)
{
	for (int i = 0; i < workbook->sheet_count; i++)
		if (is_wanted(wishes, &workbook->sheets[i]))
			return;
	if (wishes->sheet)
		configuration_fails("The workbook has no sheet of the name that metadata.sheet gives.",
							"Upper and lower case are not the same.");
}

static void
check(const Request *request, const StoredFile *file)
{
	Wishes wishes;
	Workbook *workbook;

	read_wishes(request, &wishes);
	workbook = workbook_open(file);
	check_wishes(&wishes, workbook);
	workbook_close(workbook);
	free(wishes.sheet);
}

/* ---- names and ids ---- */

static bool
is_taken(const FileRelations *relations, const char *name)
{
	for (int i = 0; i < relations->count; i++)
		if (strcmp(relations->items[i].name, name) == 0)
			return true;
	return false;
}

/* A sheet may have the name of a table. */
static char *
relation_name(const FileRelations *relations, const char *wanted)
{
	size_t size = strlen(wanted) + 16;
	char *name = allocate(size);

	snprintf(name, size, "%s", wanted);
	for (int i = 2; is_taken(relations, name); i++)
		snprintf(name, size, "%s_%d", wanted, i);
	return name;
}

/* The id of a relation has its name in it: workbooks give no number that stays. */
static char *
relation_id(const char *kind, const char *name)
{
	char *id = allocate(WIRE_ID_BYTES);

	if (strlen(name) < WIRE_ID_BYTES - 16)
		snprintf(id, WIRE_ID_BYTES, "%s %s", kind, name);
	else
		snprintf(id, WIRE_ID_BYTES, "%s %016llx", kind, (unsigned long long) hash_text(name));
	return id;
}

static void
list_relation(FileRelations *relations, const StoredFile *file, const char *kind, const char *wanted)
{
	char *name = relation_name(relations, wanted);
	FileRelation *relation = relations_add(relations, file);

	relation->name = name;
	relation->id = relation_id(kind, name);
}

/* In the order of the regions. */
static void
list_sheets(const Workbook *workbook, const Wishes *wishes, FileRelations *relations)
{
	for (int i = 0; i < workbook->sheet_count; i++)
	{
		const Sheet *sheet = &workbook->sheets[i];

		if (!is_wanted(wishes, sheet))
			continue;
		for (int j = 0; j < sheet->table_count; j++)
			list_relation(relations, workbook->file, "table", sheet->tables[j].name);
		list_relation(relations, workbook->file, "sheet", sheet->name);
	}
}

static void
list(const Request *request, const StoredFile *file, FileRelations *relations)
{
	Workbook *workbook = workbook_open(file);
	Wishes wishes;

	read_wishes(request, &wishes);
	list_sheets(workbook, &wishes, relations);
	workbook_close(workbook);
	free(wishes.sheet);
}

/* ---- the survey ---- */

typedef struct ColumnType
{
	char text[COLUMN_TYPE_BYTES];
} ColumnType;

static void
add_column(FileRelation *relation, const RegionColumn *from, ColumnType *type)
{
	FileColumn *column = relation_add_column(relation);

	column_type_write(from->kinds, type->text);
	column->name = copy_text(from->name);
	column->type = type->text;
	column->pg_type = column_pg_type(from->kinds);
	column->may_have_categories = column->pg_type == NULL || strcmp(column->pg_type, "boolean") == 0;
}

static void
tell(const Region *region)
{
	char message[512];

	if (region->passed_over == 0)
		return;
	snprintf(message, sizeof(message), "sheet %.200s: %lld rows before the table are passed over",
			 region->sheet->name, (long long) region->passed_over);
	emit_log("info", message);
}

static void
add_relation(FileRelations *relations, const StoredFile *file, Region *region, const FileRelation *listed)
{
	FileRelation *relation = relations_add(relations, file);
	ColumnType *types = allocate((size_t) region->column_count * sizeof(ColumnType));

	relation->name = copy_text(listed->name);
	relation->id = copy_text(listed->id);
	relation->rows = region->rows;
	relation->content = region;
	for (int i = 0; i < region->column_count; i++)
		add_column(relation, &region->columns[i], &types[i]);
	if (region->table)
		document_further(&relation->options, "sheet", region->sheet->name);
	if (region->sheet->is_hidden)
		document_further(&relation->options, "hidden", "true");
	if (region->column_count > 0)
		document_further(&relation->options, "header", region->has_header ? "true" : "false");
	tell(region);
}

/* What the relations of a workbook share; rows are read from it. */
typedef struct Surveyed
{
	Workbook *workbook;
	Regions regions;
} Surveyed;

static void
release(void *owner)
{
	Surveyed *surveyed = owner;

	regions_free(&surveyed->regions);
	workbook_close(surveyed->workbook);
	free(surveyed);
}

static void
survey(const Request *request, const StoredFile *file, FileRelations *relations)
{
	Workbook *workbook = workbook_open(file);
	FileRelations listed = {.items = NULL};
	Regions regions = {.items = NULL};
	Wishes wishes;

	read_wishes(request, &wishes);
	check_wishes(&wishes, workbook);
	list_sheets(workbook, &wishes, &listed);
	for (int i = 0; i < workbook->sheet_count; i++)
		if (is_wanted(&wishes, &workbook->sheets[i]))
			regions_find(workbook, &workbook->sheets[i], wishes.header, &regions);
	for (int i = 0; i < regions.count; i++)
		if (!regions.items[i].is_absent)
			add_relation(relations, file, &regions.items[i], &listed.items[i]);
	relations_free(&listed);
	free(wishes.sheet);
	relations->owner = allocate(sizeof(Surveyed));
	*(Surveyed *) relations->owner = (Surveyed){.workbook = workbook, .regions = regions};
	relations->release = release;
}

/* ---- rows ---- */

typedef struct ExcelRows
{
	const Region *region;
	int count;
	int *places;      /* of the columns that are read: that of the sheet */
	bool *are_text;   /* for each column of the sheet */
	FileValue *cells; /* likewise */
	void *rows;
	SheetRow row;
} ExcelRows;

static void *
rows_begin(const FileRelation *relation, const int *columns, int count, const ReadRequest *read)
{
	ExcelRows *excel = allocate(sizeof(ExcelRows));
	const Region *region = relation->content;

	(void) read;
	*excel = (ExcelRows){.region = region, .count = count};
	excel->places = allocate((size_t) (count + 1) * sizeof(int));
	excel->are_text = allocate(MOST_SHEET_COLUMNS * sizeof(bool));
	excel->cells = allocate(MOST_SHEET_COLUMNS * sizeof(FileValue));
	for (int i = 0; i < count; i++)
	{
		excel->places[i] = region->columns[columns[i]].place;
		excel->are_text[excel->places[i]] = relation->columns[columns[i]].pg_type == NULL;
	}
	excel->rows = region->workbook->kind->rows_begin(region->workbook, region->sheet);
	return excel;
}

/* What is no value of the column's type is null: an error, a formula without a value. */
static FileValue
value_of(const ExcelRows *excel, const Cell *cell)
{
	if (cell->kind == CELL_FORMULA || (cell->kind == CELL_ERROR && !excel->are_text[cell->column]))
		return (FileValue){.bytes = NULL};
	return (FileValue){.bytes = cell_text(&excel->row, cell), .length = cell->length};
}

/* Returns whether the row has a cell of the region. */
static bool
set_values(const ExcelRows *excel, FileValue *values)
{
	const SheetRow *row = &excel->row;
	bool has_cell = false;

	for (int i = 0; i < excel->count; i++)
		excel->cells[excel->places[i]].bytes = NULL;
	for (int i = 0; i < row->count; i++)
	{
		const Cell *cell = &row->cells[i];

		if (!region_holds(excel->region, row->number, cell->column))
			continue;
		has_cell = true;
		excel->cells[cell->column] = value_of(excel, cell);
	}
	for (int i = 0; i < excel->count; i++)
		values[i] = excel->cells[excel->places[i]];
	return has_cell;
}

static bool
rows_next(void *rows, FileValue *values)
{
	ExcelRows *excel = rows;

	while (excel->region->workbook->kind->rows_next(excel->rows, &excel->row))
		if (set_values(excel, values))
			return true;
	return false;
}

static void
rows_end(void *rows)
{
	ExcelRows *excel = rows;

	excel->region->workbook->kind->rows_end(excel->rows);
	row_free(&excel->row);
	free(excel->places);
	free(excel->are_text);
	free(excel->cells);
	free(excel);
}

const Format excel_format = {.what = "a workbook",
							 .documents = "1",
							 .check = check,
							 .survey = survey,
							 .list = list,
							 .rows_begin = rows_begin,
							 .rows_next = rows_next,
							 .rows_end = rows_end};
