/*
 * excel.c — a workbook, as the parts of its archive, as the records of its stream, or as the file's bytes.
 *
 * Sources: src/connectors/excel/biff.c src/connectors/excel/broken.c src/connectors/excel/cell.c
 * Sources: src/connectors/excel/column_type.c src/connectors/excel/header.c src/connectors/excel/kind.c
 * Sources: src/connectors/excel/names.c src/connectors/excel/ods.c src/connectors/excel/ods_rows.c
 * Sources: src/connectors/excel/ole2.c src/connectors/excel/package.c src/connectors/excel/region.c
 * Sources: src/connectors/excel/relations.c src/connectors/excel/serial.c src/connectors/excel/strings.c
 * Sources: src/connectors/excel/styles.c src/connectors/excel/tables.c src/connectors/excel/workbook.c
 * Sources: src/connectors/excel/xls.c src/connectors/excel/xls_rows.c src/connectors/excel/xlsx.c
 * Sources: src/connectors/excel/xlsx_rows.c src/connectors/excel/xml.c
 * Sources: src/connectors/files/encoding.c src/connectors/files/kind.c src/connectors/files/storage.c
 * Sources: src/connectors/files/unpacked.c src/wire
 * Sources: src/connectors/common/configuration.c src/connectors/common/memory.c
 * Uses: connector packed workbook
 */
#include "connectors/excel/column_type.h"
#include "connectors/excel/region.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "fuzz.h"

#define MOST_FUZZED_PARTS 64

static int file = -1;

void
fuzz_begin(void)
{
	file = memfd_create("excel", MFD_CLOEXEC);
}

/* ---- the archive ---- */

static void
put(WireBuffer *out, unsigned long value, int bytes)
{
	for (int i = 0; i < bytes; i++)
	{
		char byte = i < 4 ? (char) (value >> 8 * i) : 0;

		wire_append(out, &byte, 1);
	}
}

/* What the header of a part in front of it and the list at the end have in common. */
static void
put_part(WireBuffer *out, const char *content, size_t length, size_t name_length)
{
	put(out, 20, 2);
	put(out, 0, 2);
	put(out, 0, 2);
	put(out, 0, 4);
	put(out, crc32(0, (const unsigned char *) content, (uInt) length), 4);
	put(out, length, 4);
	put(out, length, 4);
	put(out, name_length, 2);
	put(out, 0, 2);
}

/* A line `=name` begins a part, which is not packed. */
static void
make_archive(WireBuffer *out, const char *bytes, size_t length)
{
	const char *end = bytes + length;
	WireBuffer list = {.data = NULL};
	unsigned long count = 0;

	for (const char *at = bytes; at < end && *at == '=' && count < MOST_FUZZED_PARTS; count++)
	{
		const char *name = at + 1;
		const char *line = memchr(name, '\n', (size_t) (end - name));
		const char *content = line ? line + 1 : end;
		size_t name_length = (size_t) ((line ? line : end) - name);
		const char *next = memmem(content, (size_t) (end - content), "\n=", 2);
		size_t content_length = (size_t) ((next ? next : end) - content);
		size_t offset = out->length;

		put(out, 0x04034b50, 4);
		put_part(out, content, content_length, name_length);
		wire_append(out, name, name_length);
		wire_append(out, content, content_length);
		put(&list, 0x02014b50, 4);
		put(&list, 20, 2);
		put_part(&list, content, content_length, name_length);
		put(&list, 0, 10);
		put(&list, offset, 4);
		wire_append(&list, name, name_length);
		at = next ? next + 1 : end;
	}
	put(&list, 0x06054b50, 4);
	put(&list, 0, 4);
	put(&list, count, 2);
	put(&list, count, 2);
	put(&list, list.length - 12, 4);
	put(&list, out->length, 4);
	put(&list, 0, 2);
	wire_append(out, list.data, list.length);
	wire_free(&list);
}

/* ---- the OLE2 file ---- */

#define SECTOR_BYTES 512
#define MOST_SECTORS 126

static void
pad(WireBuffer *out)
{
	while (out->length % SECTOR_BYTES != 0)
		put(out, 0, 1);
}

static void
put_entry(WireBuffer *out, const char *name, unsigned type, unsigned long sector, unsigned long size)
{
	size_t start = out->length;

	for (const char *at = name; *at; at++)
		put(out, (unsigned char) *at, 2);
	put(out, 0, (int) (start + 64 - out->length));
	put(out, 2 * (strlen(name) + 1), 2);
	put(out, type, 1);
	put(out, 0, (int) (start + 116 - out->length));
	put(out, sector, 4);
	put(out, size, 8);
}

/* The first sector is the list of all, the second one the directory; the stream follows. */
static void
make_ole2(WireBuffer *out, const char *bytes, size_t length)
{
	unsigned long sectors = 8;

	while (sectors < MOST_SECTORS && sectors * SECTOR_BYTES < length)
		sectors++;
	length = length < sectors * SECTOR_BYTES ? length : sectors * SECTOR_BYTES;
	wire_append(out, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
	put(out, 0, 22);
	put(out, 9, 2);
	put(out, 6, 2);
	put(out, 0, 14);
	put(out, 1, 4);
	put(out, 0, 8);
	put(out, 0xFFFFFFFE, 4);
	put(out, 0, 4);
	put(out, 0xFFFFFFFE, 4);
	put(out, 0, 8);
	while (out->length < SECTOR_BYTES)
		put(out, 0xFFFFFFFF, 4);
	put(out, 0xFFFFFFFD, 4);
	put(out, 0xFFFFFFFE, 4);
	for (unsigned long i = 1; i <= sectors; i++)
		put(out, i < sectors ? i + 2 : 0xFFFFFFFE, 4);
	pad(out);
	put_entry(out, "Root Entry", 5, 0xFFFFFFFE, 0);
	put_entry(out, "Workbook", 2, 2, sectors * SECTOR_BYTES);
	pad(out);
	wire_append(out, bytes, length);
	while (out->length < (sectors + 3) * SECTOR_BYTES)
		put(out, 0, 1);
}

/* ---- what must hold ---- */

static void
check_names(const Region *region)
{
	for (int i = 0; i < region->column_count; i++)
	{
		fuzz_must(region->columns[i].name[0] != '\0', "a column has a name");
		for (int j = 0; j < i; j++)
			fuzz_must(strcmp(region->columns[i].name, region->columns[j].name) != 0, "names differ");
	}
}

static CellKinds
kinds_of(const Region *region, int place)
{
	for (int i = 0; i < region->column_count; i++)
		if (region->columns[i].place == place)
			return region->columns[i].kinds;
	return 0;
}

static void
read_again(const Region *region)
{
	const WorkbookKind *kind = region->workbook->kind;
	void *rows = kind->rows_begin(region->workbook, region->sheet);
	SheetRow row = {.count = 0};
	int64_t count = 0;

	while (kind->rows_next(rows, &row))
	{
		bool has_cell = false;

		for (int i = 0; i < row.count; i++)
		{
			if (!region_holds(region, row.number, row.cells[i].column))
				continue;
			has_cell = true;
			fuzz_must(kinds_of(region, row.cells[i].column) >> row.cells[i].kind & 1,
					  "each value is of a kind that its column has");
			fuzz_must(row.cells[i].start + row.cells[i].length <= row.text.length, "values are in the row");
		}
		count += has_cell;
	}
	fuzz_must(count == region->rows, "rows are the same when they are read again");
	kind->rows_end(rows);
	row_free(&row);
}

void
fuzz(const char *bytes, size_t length)
{
	StoredFile stored;
	Regions regions = {.items = NULL};
	WireBuffer archive = {.data = NULL};
	Workbook *workbook;
	char type[COLUMN_TYPE_BYTES];

	if (length > 0 && bytes[0] == '=')
		make_archive(&archive, bytes, length);
	else if (length > 0 && bytes[0] == '~')
		make_ole2(&archive, bytes + 1, length - 1);
	else
		wire_append(&archive, bytes, length);
	if (ftruncate(file, 0) != 0 || pwrite(file, archive.data, archive.length, 0) != (ssize_t) archive.length)
		abort();
	wire_free(&archive);
	storage_take(&stored, file, "x.xlsx");
	workbook = workbook_open(&stored);
	for (int i = 0; i < workbook->sheet_count; i++)
		regions_find(workbook, &workbook->sheets[i], HEADER_OPEN, &regions);
	for (int i = 0; i < regions.count; i++)
	{
		check_names(&regions.items[i]);
		read_again(&regions.items[i]);
		for (int j = 0; j < regions.items[i].column_count; j++)
			column_type_write(regions.items[i].columns[j].kinds, type);
	}
	regions_free(&regions);
	workbook_close(workbook);
}
