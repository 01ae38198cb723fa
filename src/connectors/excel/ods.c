#include "connectors/excel/ods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/ods_rows.h"
#include "connectors/excel/xml.h"

#define MOST_HIDDEN_STYLES 10000

typedef struct ContentReading
{
	Workbook *workbook;
	int tables;  /* elements that are open: the first one is a sheet */
	char *style; /* of tables, that is open; or NULL */
	char **hidden;
	int hidden_count;
} ContentReading;

static void
begin_style(ContentReading *reading, const char **attributes)
{
	const char *family = xml_attribute(attributes, "family");
	const char *name = xml_attribute(attributes, "name");

	free(reading->style);
	reading->style = family && name && strcmp(family, "table") == 0 ? copy_text(name) : NULL;
}

static void
hide_style(ContentReading *reading, const char **attributes)
{
	int count = reading->hidden_count;

	if (reading->style == NULL || xml_flag(attributes, "display", true))
		return;
	if (count == MOST_HIDDEN_STYLES)
		give_up_too_large("The workbook has more than 10,000 styles of hidden sheets.", NULL);
	if ((count & (count - 1)) == 0)
		reading->hidden = reallocate(reading->hidden, (size_t) (count ? 2 * count : 1) * sizeof(char *));
	reading->hidden[reading->hidden_count++] = reading->style;
	reading->style = NULL;
}

static bool
is_hidden(const ContentReading *reading, const char *style)
{
	for (int i = 0; style && i < reading->hidden_count; i++)
		if (strcmp(reading->hidden[i], style) == 0)
			return true;
	return false;
}

static void
add_sheet(ContentReading *reading, const char **attributes)
{
	const char *name = xml_attribute(attributes, "name");
	Sheet *sheet = workbook_add_sheet(reading->workbook);
	char place[16];

	snprintf(place, sizeof(place), "%d", reading->workbook->sheet_count - 1);
	sheet->name = copy_text(name ? name : place);
	sheet->place = copy_text(place);
	sheet->is_hidden = is_hidden(reading, xml_attribute(attributes, "style-name"));
}

static void
start(void *context, const char *name, const char **attributes)
{
	ContentReading *reading = context;

	if (strcmp(name, "table") == 0 && reading->tables++ == 0)
		add_sheet(reading, attributes);
	else if (strcmp(name, "style") == 0)
		begin_style(reading, attributes);
	else if (strcmp(name, "table-properties") == 0)
		hide_style(reading, attributes);
}

static void
end(void *context, const char *name)
{
	ContentReading *reading = context;

	if (strcmp(name, "table") == 0)
		reading->tables--;
}

static void
start_in_manifest(void *context, const char *name, const char **attributes)
{
	(void) context;
	(void) attributes;
	if (strcmp(name, "encryption-data") == 0)
		give_up_unsupported("The workbook is encrypted.", "Store it without a password.");
}

static void
end_in_manifest(void *context, const char *name)
{
	(void) context;
	(void) name;
}

bool
ods_is(const Package *package)
{
	static const char wanted[] = "application/vnd.oasis.opendocument.spreadsheet";
	char type[sizeof(wanted)] = "";
	size_t length = 0;
	size_t more;
	Part *part;

	if (!package_has(package, "mimetype") || !package_has(package, ODS_CONTENT))
		return false;
	part = part_open(package, "mimetype");
	while (length < sizeof(wanted) - 1 &&
		   (more = part_read(part, type + length, sizeof(wanted) - 1 - length)) > 0)
		length += more;
	part_close(part);
	return length == sizeof(wanted) - 1 && memcmp(type, wanted, length) == 0;
}

static void
close(Workbook *workbook)
{
	package_close(workbook->content);
}

static const WorkbookKind kind = {.what = "OpenDocument",
								  .rows_begin = ods_rows_begin,
								  .rows_next = ods_rows_next,
								  .rows_end = ods_rows_end,
								  .close = close};

void
ods_open(Workbook *workbook, Package *package)
{
	static const XmlHandlers in_manifest = {.start = start_in_manifest, .end = end_in_manifest};
	static const XmlHandlers handlers = {.start = start, .end = end};
	ContentReading reading = {.workbook = workbook};

	workbook->kind = &kind;
	workbook->content = package;
	if (package_has(package, "META-INF/manifest.xml"))
		xml_read(package, "META-INF/manifest.xml", &in_manifest, NULL);
	xml_read(package, ODS_CONTENT, &handlers, &reading);
	free(reading.style);
	for (int i = 0; i < reading.hidden_count; i++)
		free(reading.hidden[i]);
	free(reading.hidden);
}
