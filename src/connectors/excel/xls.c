#include "connectors/excel/xls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/ole2.h"
#include "connectors/excel/xls_rows.h"

static char *
end_text(WireBuffer *text)
{
	wire_append(text, "", 1);
	if (text->failed)
		give_up_out_of_memory();
	return text->data;
}

/* Charts, macros and modules of Basic have no rows. */
static void
add_sheet(Workbook *workbook, BiffRecord *record)
{
	uint32_t offset = biff_32(record);
	uint32_t state = biff_8(record);
	uint32_t type = biff_8(record);
	WireBuffer name = {.data = NULL};
	Sheet *sheet;
	char place[16];

	biff_text(record, 1, &name);
	if (type != 0)
	{
		wire_free(&name);
		return;
	}
	snprintf(place, sizeof(place), "%u", offset);
	sheet = workbook_add_sheet(workbook);
	sheet->name = end_text(&name);
	sheet->is_hidden = (state & 3) != 0;
	sheet->place = copy_text(place);
}

static void
add_format(Xls *xls, BiffRecord *record)
{
	uint32_t number = biff_16(record);
	WireBuffer code = {.data = NULL};

	biff_text(record, xls->biff.is_biff8 ? 2 : 1, &code);
	xls->formats[number] = format_of_code(end_text(&code));
	wire_free(&code);
}

static void
add_style(Xls *xls, BiffRecord *record)
{
	int count = xls->style_count;

	if (count == XLS_FORMATS)
		return;
	if ((count & (count - 1)) == 0)
		xls->styles = reallocate(xls->styles, (size_t) (count ? 2 * count : 1) * sizeof(uint16_t));
	biff_16(record);
	xls->styles[xls->style_count++] = (uint16_t) biff_16(record);
}

/* As many as there are: what the record says is not believed. */
static void
add_strings(Xls *xls, BiffRecord *record)
{
	uint32_t count;

	biff_32(record);
	count = biff_32(record);
	if (xls->starts || count > xls->biff.length / 3)
		give_up_broken("The texts of the workbook are broken.", NULL);
	xls->starts = allocate(((size_t) count + 1) * sizeof(size_t));
	xls->starts[0] = 0;
	for (uint32_t i = 0; i < count && !record->is_cut; i++)
	{
		biff_text(record, 2, &xls->strings);
		wire_append(&xls->strings, "", 1);
		xls->starts[++xls->string_count] = xls->strings.length;
	}
	if (xls->strings.failed)
		give_up_out_of_memory();
}

static void
take_record(Workbook *workbook, Xls *xls, BiffRecord *record)
{
	switch (record->type)
	{
		case BIFF_PASSWORD:
			give_up_unsupported("The workbook is encrypted.", "Store it without a password.");
		case BIFF_CODE_PAGE:
			xls->biff.code_page = biff_16(record);
			break;
		case BIFF_DATE_MODE:
			xls->from_1904 = biff_16(record) == 1;
			break;
		case BIFF_SHEET:
			add_sheet(workbook, record);
			break;
		case BIFF_FORMAT:
			add_format(xls, record);
			break;
		case BIFF_STYLE:
			add_style(xls, record);
			break;
		case BIFF_STRINGS:
			add_strings(xls, record);
			break;
		default:
			break;
	}
}

static void
read_globals(Workbook *workbook, Xls *xls)
{
	BiffRecord record;
	uint32_t version;

	if (!biff_record(&xls->biff, 0, &record) || record.type != BIFF_BEGIN)
		give_up_broken("The workbook does not begin as it must.", NULL);
	version = biff_16(&record);
	if (version != 0x0500 && version != 0x0600)
		give_up_unsupported("The workbook is of a version of Excel that is not read.", "Store it as .xlsx.");
	xls->biff.is_biff8 = version == 0x0600;
	while (biff_record(&xls->biff, biff_next(&record), &record) && record.type != BIFF_END)
		take_record(workbook, xls, &record);
}

static void
close(Workbook *workbook)
{
	Xls *xls = workbook->content;

	free(xls->biff.bytes);
	free(xls->formats);
	free(xls->styles);
	wire_free(&xls->strings);
	free(xls->starts);
	free(xls);
}

static const WorkbookKind kind = {.what = "Excel 5 to 2003",
								  .rows_begin = xls_rows_begin,
								  .rows_next = xls_rows_next,
								  .rows_end = xls_rows_end,
								  .close = close};

static void
read_stream(const StoredFile *file, Biff *biff)
{
	Ole2 ole2;

	ole2_open(&ole2, file);
	if (ole2_has(&ole2, "EncryptedPackage"))
		give_up_unsupported("The workbook is encrypted.", "Store it without a password.");
	biff->bytes = ole2_read(&ole2, "Workbook", &biff->length);
	if (biff->bytes == NULL)
		biff->bytes = ole2_read(&ole2, "Book", &biff->length);
	if (biff->bytes == NULL)
		give_up_broken("The file is an OLE2 file that has no workbook in it.", NULL);
	ole2_close(&ole2);
}

void
xls_open(Workbook *workbook)
{
	Xls *xls = allocate(sizeof(Xls));

	*xls = (Xls){.formats = allocate(XLS_FORMATS * sizeof(NumberFormat))};
	for (int i = 0; i < XLS_FORMATS; i++)
		xls->formats[i] = i < 164 ? format_of_number(i) : FORMAT_NUMBER;
	workbook->kind = &kind;
	workbook->content = xls;
	read_stream(workbook->file, &xls->biff);
	read_globals(workbook, xls);
}
