#include "connectors/excel/kind.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "connectors/common/emit.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/ods.h"
#include "connectors/excel/package.h"
#include "connectors/excel/xls.h"
#include "connectors/excel/xlsx.h"
#include "connectors/files/kind.h"

#define LOOKED_AT 4096

/* What is more of a fault here than among text files. */
static const struct
{
	const char *magic;
	size_t length;
	const char *what;
} kinds[] = {
	{"\x1F\x8B", 2, "packed by gzip, which workbooks are not"},
	{"\x28\xB5\x2F\xFD", 4, "packed by zstd, which workbooks are not"},
	{"{\\rtf", 5, "a text in the format RTF"},
	{"\x09\x00\x04\x00", 4, "a worksheet of Excel 2 (BIFF2), which is too old to be read"},
	{"\x09\x02\x06\x00", 4, "a worksheet of Excel 3 (BIFF3), which is too old to be read"},
	{"\x09\x04\x06\x00", 4, "a worksheet of Excel 4 (BIFF4), which is too old to be read"},
};

static void give_up_kind(const char *what) __attribute__((noreturn));

static void
give_up_kind(const char *what)
{
	char message[256];

	snprintf(message, sizeof(message), "The file is %s.", what);
	give_up(
		&(Failure){.step = "connect",
				   .code = "configuration",
				   .message = message,
				   .hint = "Sources of the type excel are workbooks: .xlsx, .xlsm, .xltx, .xls and .ods."});
}

/* The texts are what files of other formats that are named .xls begin with. */
static void
check_text(char *bytes, size_t length)
{
	bytes[length] = '\0';
	if (strcasestr(bytes, "urn:schemas-microsoft-com:office:spreadsheet"))
		give_up_kind("a workbook as XML of Excel 2003, which is not read");
	if (strcasestr(bytes, "<html") || strcasestr(bytes, "<table") || strcasestr(bytes, "<!doctype html"))
		give_up_kind("a page in HTML");
	if (strncmp(bytes, "<?xml", 5) == 0)
		give_up_kind("XML");
	if (memchr(bytes, '\0', length) == NULL && memchr(bytes, '\n', length) != NULL)
		give_up_kind("a text, perhaps one that sources of the type csv are");
	give_up_kind("no workbook");
}

/* What it is that a zip archive has these parts. */
static void
check_archive(const Package *package)
{
	static const char *const others[][2] = {
		{"xl/workbook.bin", "a binary workbook (.xlsb), which is not read: store it as .xlsx"},
		{"word/document.xml", "a document of Word"},
		{"ppt/presentation.xml", "a presentation of PowerPoint"},
		{"META-INF/MANIFEST.MF", "a Java archive"},
		{"mimetype", "a document of OpenDocument or a book that is no workbook"},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (package_has(package, others[i][0]))
			give_up_kind(others[i][1]);
	if (!package_has(package, "_rels/.rels"))
		give_up_kind("a zip archive that is no workbook");
}

static void
open_archive(Workbook *workbook)
{
	Package *package = package_open(workbook->file);

	if (ods_is(package))
	{
		ods_open(workbook, package);
		return;
	}
	check_archive(package);
	xlsx_open(workbook, package);
}

void
kind_open(Workbook *workbook)
{
	char bytes[LOOKED_AT + 1];
	size_t length = stored_read(workbook->file, bytes, LOOKED_AT, 0);

	if (kind_by_magic(bytes, length))
		give_up_kind(kind_by_magic(bytes, length));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (length >= kinds[i].length && memcmp(bytes, kinds[i].magic, kinds[i].length) == 0)
			give_up_kind(kinds[i].what);
	if (length >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
		open_archive(workbook);
	else if (length >= 4 && memcmp(bytes, "\xD0\xCF\x11\xE0", 4) == 0)
		xls_open(workbook);
	else
		check_text(bytes, length);
}
