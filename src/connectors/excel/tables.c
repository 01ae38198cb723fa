#include "connectors/excel/tables.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/xml.h"

#define MOST_TABLES 1000

typedef struct TableReading
{
	SheetTable table;
	bool is_found;
} TableReading;

static char *
unescaped(const char *text)
{
	char *copy = copy_text(text);

	strings_unescape(copy, strlen(copy));
	return copy;
}

static void
begin_table(TableReading *reading, const char **attributes)
{
	const char *name = xml_attribute(attributes, "displayName");
	const char *reference = xml_attribute(attributes, "ref");

	if (name == NULL)
		name = xml_attribute(attributes, "name");
	if (name == NULL || reference == NULL || reading->is_found || !area_read(reference, &reading->table.area))
		return;
	reading->is_found = true;
	reading->table.name = unescaped(name);
	reading->table.header_rows = xml_number(attributes, "headerRowCount", 1) > 0;
	reading->table.total_rows = xml_number(attributes, "totalsRowCount", 0) > 0;
}

static void
start(void *context, const char *name, const char **attributes)
{
	TableReading *reading = context;
	SheetTable *table = &reading->table;

	if (strcmp(name, "table") == 0)
		begin_table(reading, attributes);
	else if (strcmp(name, "tableColumn") == 0 && reading->is_found &&
			 table->column_count <= table->area.right - table->area.left)
	{
		const char *column = xml_attribute(attributes, "name");
		int count = table->column_count;

		if ((count & (count - 1)) == 0)
			table->columns = reallocate(table->columns, (size_t) (count ? 2 * count : 1) * sizeof(char *));
		table->columns[table->column_count++] = unescaped(column ? column : "");
	}
}

static void
end(void *context, const char *name)
{
	(void) context;
	(void) name;
}

void
table_read(const Xlsx *xlsx, Sheet *sheet, const char *part)
{
	static const XmlHandlers handlers = {.start = start, .end = end};
	TableReading reading = {.is_found = false};

	if (sheet->table_count == MOST_TABLES)
		give_up_too_large("A sheet has more than 1,000 tables.", sheet->name);
	xml_read(xlsx->package, part, &handlers, &reading);
	if (!reading.is_found)
		give_up_broken("A table of the workbook has no name or no place.", part);
	sheet->tables = reallocate(sheet->tables, (size_t) (sheet->table_count + 1) * sizeof(SheetTable));
	sheet->tables[sheet->table_count++] = reading.table;
}
