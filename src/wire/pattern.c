/*
 * pattern.c — patterns of schemas and relations. A parsed part holds the name's bytes, and for the wildcards
 * two bytes that UTF-8 never has: it needs no quotes.
 */
#include <stdlib.h>
#include <string.h>

#include "pattern.h"

/* A name of this length matches nothing, which bounds the time of a comparison; no source has such names. */
#define LONGEST_NAME 8192

/* ---- reading one ---- */

/* Appends a byte to the part; several * in a row become one. */
static char *
add(char *start, char *end, char byte)
{
	if (byte != WIRE_ANY_STRING || end == start || end[-1] != WIRE_ANY_STRING)
		*end++ = byte;
	return end;
}

/*
 * Reads up to a dot outside quotes, or the end; "" inside quotes is one quote. Returns NULL if a quote is not
 * closed.
 */
static const char *
read_part(const char *text, char *part)
{
	char *end = part;
	bool quoted = false;

	for (; *text && (quoted || *text != '.'); text++)
	{
		if (*text != '"')
			end = add(part, end,
					  quoted         ? *text
					  : *text == '*' ? WIRE_ANY_STRING
					  : *text == '?' ? WIRE_ANY_CHARACTER
									 : *text);
		else if (quoted && text[1] == '"')
			*end++ = *text++;
		else
			quoted = !quoted;
	}
	*end = '\0';
	return quoted ? NULL : text;
}

static const char *
read_parts(const char *text, WirePattern *pattern)
{
	static const char unclosed[] = "has a quote that is not closed";

	text = read_part(text, pattern->schema);
	if (text == NULL)
		return unclosed;
	if (*text == '\0')
	{
		pattern->relation[0] = WIRE_ANY_STRING;
		pattern->relation[1] = '\0';
	}
	else
		text = read_part(text + 1, pattern->relation);
	if (text == NULL)
		return unclosed;
	if (*text != '\0')
		return "has more than one dot outside quotes";
	if (pattern->schema[0] == '\0' || pattern->relation[0] == '\0')
		return "lacks the name of a schema or of a relation";
	return NULL;
}

const char *
wire_pattern_parse(const char *text, WirePattern *pattern)
{
	const char *fault;
	size_t size = strlen(text) + 2;

	pattern->schema = malloc(size);
	pattern->relation = malloc(size);
	fault =
		pattern->schema && pattern->relation ? read_parts(text, pattern) : "cannot be read: out of memory";
	if (fault)
		wire_pattern_free(pattern);
	return fault;
}

void
wire_pattern_free(WirePattern *pattern)
{
	free(pattern->schema);
	free(pattern->relation);
	*pattern = (WirePattern){0};
}

/* ---- comparing ---- */

static const char *
next_character(const char *name)
{
	do
		name++;
	while ((*name & '\xC0') == '\x80');
	return name;
}

/* Only the last * seen needs to be tried again with more characters. */
static bool
part_matches(const char *part, const char *name)
{
	const char *behind_star = NULL;
	const char *retry = NULL;

	if (strnlen(name, LONGEST_NAME) == LONGEST_NAME)
		return false;
	while (*name)
	{
		if (*part == WIRE_ANY_STRING)
		{
			behind_star = ++part;
			retry = name;
		}
		else if (*part == WIRE_ANY_CHARACTER)
		{
			part++;
			name = next_character(name);
		}
		else if (*part == *name)
		{
			part++;
			name++;
		}
		else if (behind_star != NULL)
		{
			part = behind_star;
			name = retry = next_character(retry);
		}
		else
			return false;
	}
	return *part == '\0' || (*part == WIRE_ANY_STRING && part[1] == '\0');
}

static bool
is_whole_schema(const WirePattern *pattern)
{
	return pattern->relation[0] == WIRE_ANY_STRING && pattern->relation[1] == '\0';
}

bool
wire_pattern_matches(const WirePattern *pattern, const char *schema, const char *relation)
{
	return part_matches(pattern->schema, schema) &&
		   (relation ? part_matches(pattern->relation, relation) : is_whole_schema(pattern));
}

bool
wire_pattern_reaches(const WirePattern *pattern, const char *schema)
{
	return part_matches(pattern->schema, schema);
}

static bool
any_matches(const WirePatterns *patterns, const char *schema, const char *relation)
{
	for (int i = 0; i < patterns->count; i++)
		if (wire_pattern_matches(&patterns->items[i], schema, relation))
			return true;
	return false;
}

static bool
any_reaches(const WirePatterns *patterns, const char *schema)
{
	for (int i = 0; i < patterns->count; i++)
		if (wire_pattern_reaches(&patterns->items[i], schema))
			return true;
	return false;
}

bool
wire_selects(const WireSelection *selection, const char *schema, const char *relation)
{
	return (selection->include.count == 0 || any_matches(&selection->include, schema, relation)) &&
		   !any_matches(&selection->exclude, schema, relation);
}

bool
wire_selects_any_of(const WireSelection *selection, const char *schema)
{
	return (selection->include.count == 0 || any_reaches(&selection->include, schema)) &&
		   !any_matches(&selection->exclude, schema, NULL);
}

bool
wire_selects_schema(const WireSelection *selection, const char *schema)
{
	return wire_selects(selection, schema, NULL);
}

/* ---- reading lists ---- */

/* Returns the JSON text that begins at the quote, in an array that is known to be valid. */
static WireSpan
string_at(const char *quote)
{
	const char *at = quote + 1;

	while (*at != '"')
		at += *at == '\\' ? 2 : 1;
	return (WireSpan){quote, (size_t) (at + 1 - quote)};
}

static bool
read_list(WirePatterns *patterns, WireSpan array)
{
	const char *at = array.start;
	const char *end;

	if (at == NULL || *at != '[')
		return true;
	end = at + array.length;
	/* Each text takes two quotes and a comma or bracket. */
	patterns->items = calloc(array.length / 3 + 1, sizeof(WirePattern));
	if (patterns->items == NULL)
		return false;
	while ((at = memchr(at, '"', (size_t) (end - at))) != NULL)
	{
		WireSpan span = string_at(at);
		char *text = wire_string_dup(span);

		if (text == NULL)
			return false;
		if (wire_pattern_parse(text, &patterns->items[patterns->count]) == NULL)
			patterns->count++;
		free(text);
		at += span.length;
	}
	return true;
}

bool
wire_selection_read(WireSelection *selection, WireSpan include, WireSpan exclude)
{
	*selection = (WireSelection){0};
	if (read_list(&selection->include, include) && read_list(&selection->exclude, exclude))
		return true;
	wire_selection_free(selection);
	return false;
}

static void
free_list(WirePatterns *patterns)
{
	for (int i = 0; i < patterns->count; i++)
		wire_pattern_free(&patterns->items[i]);
	free(patterns->items);
}

void
wire_selection_free(WireSelection *selection)
{
	free_list(&selection->include);
	free_list(&selection->exclude);
	*selection = (WireSelection){0};
}
