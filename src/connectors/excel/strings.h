/*
 * strings.h — the texts that all sheets of a workbook share.
 */
#ifndef RG_EXCEL_STRINGS_H
#define RG_EXCEL_STRINGS_H

#include "connectors/excel/package.h"
#include "wire/wire.h"

/* Of all of them together. */
#define MOST_STRING_BYTES (INT64_C(256) << 20)

typedef struct Strings
{
	WireBuffer text; /* one after the other, each with a zero byte behind it */
	size_t *starts;
	int64_t count;
	bool are_read;
} Strings;

extern void strings_read(Strings *strings, const Package *package, const char *part);
extern void strings_free(Strings *strings);

/* NULL: there is none of this number. */
extern const char *strings_get(const Strings *strings, int64_t number, size_t *length);

/* Replaces _x000D_ and the like by their characters. Returns the new length; the text keeps its zero byte. */
extern size_t strings_unescape(char *text, size_t length);

#endif
