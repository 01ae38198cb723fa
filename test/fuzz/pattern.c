/*
 * pattern.c — a pattern of schemas and relations, compared with names. The lines of the input: pattern,
 * schema, relation, and a JSON object with lists of patterns.
 *
 * Sources: src/wire
 */
#include "wire/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void
compare(const WirePattern *pattern, const char *schema, const char *relation)
{
	if (wire_pattern_matches(pattern, schema, relation))
		fuzz_must(wire_pattern_reaches(pattern, schema), "a pattern reaches the schema of what it matches");
	if (wire_pattern_matches(pattern, schema, NULL))
		fuzz_must(wire_pattern_reaches(pattern, schema), "a pattern reaches the schema that it matches");
}

/* A name in quotes is literal. */
static void
compare_quoted(const char *name)
{
	char *text = malloc(2 * strlen(name) + 3);
	char *out = text;
	WirePattern pattern;

	*out++ = '"';
	for (const char *at = name; *at; at++)
	{
		*out++ = *at;
		if (*at == '"')
			*out++ = '"';
	}
	strcpy(out, "\"");
	if (wire_pattern_parse(text, &pattern) == NULL)
	{
		fuzz_must(strlen(name) >= 8192 || wire_pattern_matches(&pattern, name, "x"),
				  "a name in quotes matches itself");
		wire_pattern_free(&pattern);
	}
	free(text);
}

/* No byte of UTF-8 is a wildcard, and names of sources are UTF-8. */
static bool
is_utf8(const char *name)
{
	for (size_t left = strlen(name), size; left > 0; left -= size, name += size)
		if ((size = wire_utf8_length(name, left)) == 0)
			return false;
	return true;
}

static void
select_by(const char *json, const char *schema, const char *relation)
{
	WireObject *object = malloc(sizeof(WireObject));
	WireSelection selection;

	if (wire_object_scan(json, strlen(json), object) == NULL &&
		wire_selection_read(&selection, wire_member(object, "include"), wire_member(object, "exclude")))
	{
		if (wire_selects(&selection, schema, relation))
			fuzz_must(wire_selects_any_of(&selection, schema), "the schema of what is selected is read");
		(void) wire_selects_schema(&selection, schema);
		wire_selection_free(&selection);
	}
	free(object);
}

void
fuzz(const char *bytes, size_t length)
{
	FuzzRest rest = {bytes, length};
	char *text = fuzz_line(&rest);
	char *schema = fuzz_line(&rest);
	char *relation = fuzz_line(&rest);
	char *json = fuzz_text(&rest);
	WirePattern pattern;

	if (is_utf8(text) && is_utf8(schema) && is_utf8(relation))
	{
		if (wire_pattern_parse(text, &pattern) == NULL)
		{
			compare(&pattern, schema, relation);
			wire_pattern_free(&pattern);
		}
		compare_quoted(schema);
		select_by(json, schema, relation);
	}
	free(text);
	free(schema);
	free(relation);
	free(json);
	fuzz_must_have_freed();
}
