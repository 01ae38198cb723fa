#include "connectors/excel/xlsx.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/relations.h"
#include "connectors/excel/styles.h"
#include "connectors/excel/tables.h"
#include "connectors/excel/xlsx_rows.h"
#include "connectors/excel/xml.h"

typedef struct WorkbookReading
{
	Workbook *workbook;
	Xlsx *xlsx;
	PartRelations relations;
	bool is_workbook; /* the part has that element */
} WorkbookReading;

/* Sheets that are charts, dialogs or macros have no rows. */
static void
add_sheet(const WorkbookReading *reading, const char **attributes)
{
	const char *name = xml_attribute(attributes, "name");
	const char *id = xml_attribute(attributes, "id");
	const char *state = xml_attribute(attributes, "state");
	const char *part = id ? part_relations_find(&reading->relations, id, "worksheet") : NULL;
	Sheet *sheet;

	if (name == NULL || part == NULL)
		return;
	sheet = workbook_add_sheet(reading->workbook);
	sheet->name = copy_text(name);
	sheet->is_hidden = state && strcmp(state, "visible") != 0;
	sheet->place = copy_text(part);
}

static void
start(void *context, const char *name, const char **attributes)
{
	WorkbookReading *reading = context;

	if (strcmp(name, "workbook") == 0)
		reading->is_workbook = true;
	else if (strcmp(name, "workbookPr") == 0)
		reading->xlsx->from_1904 |= xml_flag(attributes, "date1904", false);
	else if (strcmp(name, "sheet") == 0)
		add_sheet(reading, attributes);
}

static void
end(void *context, const char *name)
{
	(void) context;
	(void) name;
}

static void
add_tables(const Xlsx *xlsx, Sheet *sheet)
{
	PartRelations relations;

	if (!package_has(xlsx->package, sheet->place))
		give_up_broken("The archive lacks a part that another one names.", sheet->place);
	part_relations_read(xlsx->package, sheet->place, &relations);
	for (int i = 0; i < relations.count; i++)
		if (strcmp(relations.items[i].type, "table") == 0)
			table_read(xlsx, sheet, relations.items[i].part);
	part_relations_free(&relations);
}

static char *
workbook_part(const Package *package)
{
	PartRelations relations;
	const char *part;
	char *copy;

	part_relations_read(package, "", &relations);
	part = part_relations_find(&relations, NULL, "officeDocument");
	if (part == NULL)
		give_up_broken("The archive does not say which of its parts is the workbook.", NULL);
	copy = copy_text(part);
	part_relations_free(&relations);
	return copy;
}

static void
read_shared(Xlsx *xlsx, const PartRelations *relations)
{
	const char *styles = part_relations_find(relations, NULL, "styles");
	const char *strings = part_relations_find(relations, NULL, "sharedStrings");

	if (styles && package_has(xlsx->package, styles))
		styles_read(xlsx, styles);
	if (strings && package_has(xlsx->package, strings))
		strings_read(&xlsx->strings, xlsx->package, strings);
}

NumberFormat
xlsx_format(const Xlsx *xlsx, int64_t style)
{
	return style >= 0 && style < xlsx->format_count ? xlsx->formats[style] : FORMAT_NUMBER;
}

static void
close(Workbook *workbook)
{
	Xlsx *xlsx = workbook->content;

	package_close(xlsx->package);
	strings_free(&xlsx->strings);
	free(xlsx->formats);
	free(xlsx);
}

static const WorkbookKind kind = {.what = "Excel (Office Open XML)",
								  .rows_begin = xlsx_rows_begin,
								  .rows_next = xlsx_rows_next,
								  .rows_end = xlsx_rows_end,
								  .close = close};

void
xlsx_open(Workbook *workbook, Package *package)
{
	static const XmlHandlers handlers = {.start = start, .end = end};
	Xlsx *xlsx = allocate(sizeof(Xlsx));
	WorkbookReading reading = {.workbook = workbook, .xlsx = xlsx};
	char *part = workbook_part(package);

	*xlsx = (Xlsx){.package = package};
	workbook->kind = &kind;
	workbook->content = xlsx;
	part_relations_read(package, part, &reading.relations);
	xml_read(package, part, &handlers, &reading);
	if (!reading.is_workbook)
		give_up_broken("The main part of the archive is no workbook.", part);
	read_shared(xlsx, &reading.relations);
	for (int i = 0; i < workbook->sheet_count; i++)
		add_tables(xlsx, &workbook->sheets[i]);
	part_relations_free(&reading.relations);
	free(part);
}
