/*
 * json.c — the reader of JSON. What it accepts, PostgreSQL's own parser accepts too: a frame's document is
 * passed on to jsonb.
 *
 * Sources: src/wire
 * Uses: server
 */
#include "postgres_fe.h"

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"

#include "fuzz.h"
#include "wire/wire.h"

static bool
postgresql_accepts(const char *text, size_t length)
{
	JsonSemAction nothing = {0};
#if PG_VERSION_NUM >= 170000
	JsonLexContext *lex = makeJsonLexContextCstringLen(NULL, (char *) text, length, PG_UTF8, true);
#else
	JsonLexContext *lex = makeJsonLexContextCstringLen((char *) text, (int) length, PG_UTF8, true);
#endif

	return pg_parse_json(lex, &nothing) == JSON_SUCCESS;
}

static void walk(WireSpan value, int depth);

/* Decodes the text in every way, and writes it again: the same text must be read then. */
static void
check_text(WireSpan value)
{
	char *text = wire_string_dup(value);
	size_t length;
	char *cleaned;
	WireBuffer written = {0};
	char *again;

	fuzz_must(text != NULL, "a text can be decoded");
	length = strlen(text);
	fuzz_must(pg_encoding_verifymbstr(PG_UTF8, text, (int) length) == (int) length, "a text is UTF-8");
	for (size_t size = 0; size <= length + 1 && size < 40; size++)
	{
		char *buffer = malloc(size ? size : 1);

		fuzz_must(wire_string(value, buffer, size) == (size > length ? (ssize_t) length : -1),
				  "a text is decoded where it fits");
		cleaned = malloc(size + 1);
		fuzz_must(wire_clean(text, length, cleaned, size + 1) <= size, "a cleaned text fits");
		free(cleaned);
		free(buffer);
	}
	wire_append_string(&written, text, length);
	again = wire_string_dup((WireSpan){written.data, written.length});
	fuzz_must(again && strcmp(again, text) == 0, "a text that is written is read again");
	free(again);
	free(text);
	wire_free(&written);
}

static void
walk_object(WireSpan value, int depth)
{
	WireObject *object = malloc(sizeof(WireObject));
	const char *fault = wire_object_scan(value.start, value.length, object);

	/* Only of the outermost object's members it is known that none stands twice, and how many there are. */
	if (fault == NULL)
		for (int i = 0; i < object->count; i++)
			walk(object->members[i].value, depth + 1);
	free(object);
}

static void
walk(WireSpan value, int depth)
{
	WireSpan element;
	int64_t integer;
	bool boolean;

	fuzz_must(value.length > 0, "a value has bytes");
	if (*value.start == '"')
		check_text(value);
	else if (*value.start == '{' && depth < 5)
		walk_object(value, depth);
	else if (*value.start == '[' && depth < 5)
		while (wire_array_next(&value, &element))
			walk(element, depth + 1);
	else
		(void) (wire_integer(value, &integer) || wire_boolean(value, &boolean));
}

void
fuzz(const char *bytes, size_t length)
{
	WireObject *object = malloc(sizeof(WireObject));

	if (wire_object_scan(bytes, length, object) == NULL)
	{
		for (int i = 0; i < object->count; i++)
			walk(object->members[i].value, 1);
		fuzz_must(postgresql_accepts(bytes, length), "PostgreSQL accepts it");
	}
	free(object);
}
