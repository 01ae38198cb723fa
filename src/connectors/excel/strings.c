#include "connectors/excel/strings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/excel/broken.h"
#include "connectors/excel/xml.h"

typedef struct StringsReading
{
	Strings *strings;
	bool in_text;
	int phonetic; /* elements that say how a text is spoken */
} StringsReading;

/* ---- escapes ---- */

/* The character of an escape _xHHHH_, or -1. */
static int
escaped(const char *at, size_t left)
{
	int character = 0;

	if (left < 7 || at[0] != '_' || (at[1] != 'x' && at[1] != 'X') || at[6] != '_')
		return -1;
	for (int i = 2; i < 6; i++)
	{
		if (!isxdigit((unsigned char) at[i]))
			return -1;
		character =
			character * 16 +
			(isdigit((unsigned char) at[i]) ? at[i] - '0' : tolower((unsigned char) at[i]) - 'a' + 10);
	}
	return character >= 0xD800 && character <= 0xDFFF ? -1 : character;
}

static char *
put_character(char *out, int character)
{
	if (character < 0x80)
		*out++ = (char) character;
	else if (character < 0x800)
	{
		*out++ = (char) (0xC0 | character >> 6);
		*out++ = (char) (0x80 | (character & 0x3F));
	}
	else
	{
		*out++ = (char) (0xE0 | character >> 12);
		*out++ = (char) (0x80 | (character >> 6 & 0x3F));
		*out++ = (char) (0x80 | (character & 0x3F));
	}
	return out;
}

size_t
strings_unescape(char *text, size_t length)
{
	char *out = memchr(text, '_', length);

	if (out == NULL)
		return length;
	for (char *at = out; at < text + length;)
	{
		int character = escaped(at, (size_t) (text + length - at));

		if (character < 0)
		{
			*out++ = *at++;
			continue;
		}
		out = put_character(out, character);
		at += 7;
	}
	*out = '\0';
	return (size_t) (out - text);
}

/* ---- the part ---- */

static void
add_string(Strings *strings)
{
	if ((strings->count & (strings->count - 1)) == 0)
		strings->starts =
			reallocate(strings->starts, (size_t) (strings->count ? 2 * strings->count : 1) * sizeof(size_t));
	strings->starts[strings->count++] = strings->text.length;
}

static void
start(void *context, const char *name, const char **attributes)
{
	StringsReading *reading = context;

	(void) attributes;
	if (strcmp(name, "si") == 0)
		add_string(reading->strings);
	else if (strcmp(name, "rPh") == 0)
		reading->phonetic++;
	else if (strcmp(name, "t") == 0)
		reading->in_text = reading->phonetic == 0 && reading->strings->count > 0;
}

static void
end_string(Strings *strings)
{
	WireBuffer *text = &strings->text;
	size_t begin = strings->starts[strings->count - 1];

	wire_append(text, "", 1);
	if (text->failed)
		give_up_out_of_memory();
	if ((int64_t) text->length > MOST_STRING_BYTES)
		give_up_too_large("The texts of the workbook have more than 256 MiB.", NULL);
	text->length = begin + strings_unescape(text->data + begin, text->length - begin - 1) + 1;
}

static void
end(void *context, const char *name)
{
	StringsReading *reading = context;

	if (strcmp(name, "t") == 0)
		reading->in_text = false;
	else if (strcmp(name, "rPh") == 0)
		reading->phonetic--;
	else if (strcmp(name, "si") == 0)
		end_string(reading->strings);
}

static void
text(void *context, const char *bytes, size_t length)
{
	StringsReading *reading = context;

	if (reading->in_text)
		wire_append(&reading->strings->text, bytes, length);
}

void
strings_read(Strings *strings, const Package *package, const char *part)
{
	static const XmlHandlers handlers = {.start = start, .end = end, .text = text};
	StringsReading reading = {.strings = strings};

	xml_read(package, part, &handlers, &reading);
	if (strings->count > 0)
		add_string(strings); /* where the last one ends */
	strings->are_read = true;
}

void
strings_free(Strings *strings)
{
	wire_free(&strings->text);
	free(strings->starts);
}

const char *
strings_get(const Strings *strings, int64_t number, size_t *length)
{
	if (number < 0 || number >= strings->count - 1)
		return NULL;
	*length = strings->starts[number + 1] - strings->starts[number] - 1;
	return strings->text.data + strings->starts[number];
}
