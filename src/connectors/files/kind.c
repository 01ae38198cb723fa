#include "connectors/files/kind.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/files/encoding.h"

#define LOOKED_AT 4096

static const struct
{
	const char *magic;
	size_t length;
	const char *what;
} kinds[] = {
	{"PAR1", 4, "a Parquet file"},
	{"PARE", 4, "an encrypted Parquet file"},
	{"ORC", 3, "an ORC file"},
	{"Obj\1", 4, "an Avro file"},
	{"ARROW1", 6, "an Arrow file"},
	{"SQLite format 3", 15, "a SQLite database"},
	{"%PDF-", 5, "a PDF document"},
	{"BZh", 3, "packed by bzip2, which is not read"},
	{"\xFD"
	 "7zXZ",
	 5, "packed by xz, which is not read"},
	{"\x04\x22\x4D\x18", 4, "packed by lz4, which is not read"},
	{"7z\xBC\xAF", 4, "a 7z archive"},
	{"Rar!", 4, "a RAR archive"},
	{"\x7F"
	 "ELF",
	 4, "a program"},
	{"\x89PNG", 4, "an image"},
	{"\xFF\xD8\xFF", 3, "an image"},
	{"GIF8", 4, "an image"},
};

const char *
kind_by_magic(const char *bytes, size_t length)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (length >= kinds[i].length && memcmp(bytes, kinds[i].magic, kinds[i].length) == 0)
			return kinds[i].what;
	return NULL;
}

static void give_up_kind(const char *what, const char *hint) __attribute__((noreturn));

static void
give_up_kind(const char *what, const char *hint)
{
	char message[128];

	snprintf(message, sizeof(message), "The file is %s.", what);
	give_up(&(Failure){.step = "connect", .code = "configuration", .message = message, .hint = hint});
}

/* Text has no other control characters than these. */
static bool
is_control(char byte)
{
	return (unsigned char) byte < 0x20 && strchr("\t\n\r\f\v\b\x1A\x1B\x1C\x1D\x1E\x1F", byte) == NULL;
}

/* Zeros are those of UTF-16, or the file is none of text. */
static void
check_bytes(const char *bytes, size_t length, const char *hint)
{
	size_t mark;
	Encoding encoding = encoding_guess(bytes, length, &mark);
	size_t controls = 0;

	for (size_t i = mark; i < length; i++)
		controls += is_control(bytes[i]) || bytes[i] == '\0';
	if ((encoding == ENCODING_UTF8) && controls > length / 10 + 2)
		give_up_kind("no text", hint);
}

void
kind_must_be_text(const StoredFile *file, const char *hint)
{
	char bytes[LOOKED_AT];
	Unpacked in;
	size_t length;

	unpacked_begin(&in, file);
	length = unpacked_read(&in, bytes, sizeof(bytes));
	unpacked_end(&in);
	if (kind_by_magic(bytes, length))
		give_up_kind(kind_by_magic(bytes, length), hint);
	if (length >= 4 && memcmp(bytes, "PK\3\4", 4) == 0)
		give_up_kind("a zip archive, as Excel's .xlsx files are", hint);
	if (length >= 4 && memcmp(bytes, "\xD0\xCF\x11\xE0", 4) == 0)
		give_up_kind("an OLE2 file, as Excel's .xls files are", hint);
	if (length == 0)
		give_up(&(Failure){.step = "connect", .code = "protocol", .message = "The file is empty."});
	check_bytes(bytes, length, hint);
}
