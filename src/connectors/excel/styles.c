#include "connectors/excel/styles.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/xml.h"

#define MOST_STYLES 65536

typedef struct CustomFormat
{
	int64_t number;
	NumberFormat format;
} CustomFormat;

typedef struct StylesReading
{
	Xlsx *xlsx;
	bool in_cell_styles;
	CustomFormat *customs;
	int custom_count;
} StylesReading;

static void
add_custom(StylesReading *reading, const char **attributes)
{
	const char *code = xml_attribute(attributes, "formatCode");
	int64_t number = xml_number(attributes, "numFmtId", -1);
	int count = reading->custom_count;

	if (code == NULL || number < 0)
		return;
	if (count == MOST_STYLES)
		give_up_too_large("The workbook has more than 65,536 number formats.", NULL);
	if ((count & (count - 1)) == 0)
		reading->customs =
			reallocate(reading->customs, (size_t) (count ? 2 * count : 1) * sizeof(CustomFormat));
	reading->customs[reading->custom_count++] =
		(CustomFormat){.number = number, .format = format_of_code(code)};
}

/* A format of the workbook's own may have a number that usually has another meaning. */
static NumberFormat
find_format(const StylesReading *reading, int64_t number)
{
	for (int i = reading->custom_count - 1; i >= 0; i--)
		if (reading->customs[i].number == number)
			return reading->customs[i].format;
	return number < 164 ? format_of_number((int) number) : FORMAT_NUMBER;
}

static void
add_style(const StylesReading *reading, const char **attributes)
{
	Xlsx *xlsx = reading->xlsx;
	int count = xlsx->format_count;

	if (count == MOST_STYLES)
		give_up_too_large("The workbook has more than 65,536 cell styles.", NULL);
	if ((count & (count - 1)) == 0)
		xlsx->formats = reallocate(xlsx->formats, (size_t) (count ? 2 * count : 1) * sizeof(NumberFormat));
	xlsx->formats[xlsx->format_count++] = find_format(reading, xml_number(attributes, "numFmtId", 0));
}

static void
start(void *context, const char *name, const char **attributes)
{
	StylesReading *reading = context;

	if (strcmp(name, "numFmt") == 0)
		add_custom(reading, attributes);
	else if (strcmp(name, "cellXfs") == 0)
		reading->in_cell_styles = true;
	else if (strcmp(name, "xf") == 0 && reading->in_cell_styles)
		add_style(reading, attributes);
}

static void
end(void *context, const char *name)
{
	StylesReading *reading = context;

	if (strcmp(name, "cellXfs") == 0)
		reading->in_cell_styles = false;
}

void
styles_read(Xlsx *xlsx, const char *part)
{
	static const XmlHandlers handlers = {.start = start, .end = end};
	StylesReading reading = {.xlsx = xlsx};

	xml_read(xlsx->package, part, &handlers, &reading);
	free(reading.customs);
}
