/*
 * context_text.c — names and texts as the schema context writes them.
 */
#include "catalog/context_text.h"

#include <ctype.h>

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include "compat.h"

#define LONGEST_READ 4000 /* characters of a text that are looked at; of one that search shows more */
#define SEARCHED     100000
#define DEEPEST_TYPE 100 /* brackets within brackets */
#define ELLIPSIS     "\xe2\x80\xa6"
#define REPLACEMENT  "\xef\xbf\xbd"

PG_FUNCTION_INFO_V1(rg_sql_one_line);

typedef struct Range
{
	pg_wchar first;
	pg_wchar last;
} Range;

/*
 * Control characters; marks that change the direction of a text; and what is not visible by Unicode's
 * property Default_Ignorable_Code_Point: texts can be hidden in it from people, but not from programs.
 */
static const Range unseen[] = {
	{0x01, 0x1f},     {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},     {0x61c, 0x61c},
	{0x115f, 0x1160}, {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},
	{0x2060, 0x206f}, {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
	{0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

/* Signs that are no letters, beside those of ASCII: with them a name can look like the text around it. */
static const Range signs[] = {
	{0xa0, 0xa9},     {0xab, 0xb4},     {0xb6, 0xb9},     {0xbb, 0xbf},     {0xd7, 0xd7},
	{0xf7, 0xf7},     {0x1680, 0x1680}, {0x2000, 0x206f}, {0x2190, 0x2bff}, {0x2e00, 0x2e7f},
	{0x3000, 0x3004}, {0x3008, 0x3020}, {0x3030, 0x3030}, {0xfe10, 0xfe1f}, {0xfe30, 0xfe6f},
	{0xff00, 0xff0f}, {0xff1a, 0xff20}, {0xff3b, 0xff40}, {0xff5b, 0xff65}, {0xffe0, 0xffff},
};

static bool
is_among(const Range *ranges, size_t count, pg_wchar c)
{
	for (size_t i = 0; i < count; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static bool
is_unseen(pg_wchar c)
{
	return is_among(unseen, lengthof(unseen), c);
}

/* Spaces of every width that the eye takes for one. */
static bool
is_space(pg_wchar c)
{
	return c == ' ' || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f ||
		   c == 0x205f || c == 0x3000;
}

static bool
append_line(StringInfo line, const char *source, int most, int most_read)
{
	const char *place = source;
	bool has_gap = false;
	int read = 0;
	int written = 0;

	for (; *place != '\0' && read < most_read; read++)
	{
		int length = pg_mblen(place);
		pg_wchar c = utf8_to_unicode((const unsigned char *) place);

		if (is_space(c) || is_unseen(c))
			has_gap = written > 0;
		else
		{
			if (written + has_gap >= most)
			{
				if (has_gap && written < most)
					appendStringInfoChar(line, ' ');
				appendStringInfoString(line, ELLIPSIS);
				return true;
			}
			if (has_gap)
				appendStringInfoChar(line, ' ');
			appendBinaryStringInfo(line, place, length);
			written += 1 + has_gap;
			has_gap = false;
		}
		place += length;
	}
	return written > 0;
}

char *
rg_context_line(const char *text, int most)
{
	StringInfoData line;

	if (text == NULL)
		return NULL;
	initStringInfo(&line);
	return append_line(&line, text, most, LONGEST_READ) ? line.data : NULL;
}

char *
rg_context_quoted(const char *text, int most)
{
	const char *line = rg_context_line(text, most);
	StringInfoData quoted;

	if (line == NULL)
		return NULL;
	initStringInfo(&quoted);
	escape_json(&quoted, line);
	return quoted.data;
}

/* Do the brackets and quotes of a type match, without a comma outside of them? */
static bool
is_whole_type(const char *type)
{
	static const char opening[] = "([{<";
	static const char closing[] = ")]}>";
	char open[DEEPEST_TYPE];
	int depth = 0;

	for (; *type != '\0'; type++)
	{
		const char *bracket = strchr(opening, *type);

		if (strchr("'\"`", *type) != NULL && (type = strchr(type + 1, *type)) == NULL)
			return false;
		if (bracket != NULL && depth == DEEPEST_TYPE)
			return false;
		if (bracket != NULL)
			open[depth++] = closing[bracket - opening];
		else if (strchr(closing, *type) != NULL && (depth == 0 || open[--depth] != *type))
			return false;
		else if (*type == ',' && depth == 0)
			return false;
	}
	return depth == 0;
}

char *
rg_context_type(const char *type)
{
	StringInfoData quoted;

	if (is_whole_type(type))
		return unconstify(char *, type);
	initStringInfo(&quoted);
	escape_json(&quoted, type);
	return quoted.data;
}

/* The text as a line, as far as search looks at it; empty: nothing is left. */
Datum
rg_sql_one_line(PG_FUNCTION_ARGS)
{
	StringInfoData line;

	initStringInfo(&line);
	(void) append_line(&line, text_to_cstring(PG_GETARG_TEXT_PP(0)), SEARCHED, SEARCHED);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(line.data, line.len));
}

/* ---- names ---- */

typedef enum
{
	QUOTE_ALWAYS,
	QUOTE_ODD, /* only what could be taken for something else, as JSON has it */
	QUOTE_WHEN_NEEDED
} Quoting;

typedef struct Dialect
{
	const char *family;
	Quoting quoting;
	char open;
	char close;
	char escape; /* before a closing mark, and before itself */
} Dialect;

/* Redshift reserves words that PostgreSQL does not (tag, open). The last is of every other family: the quotes
 * of standard SQL. */
static const Dialect dialects[] = {
	{"mongodb", QUOTE_ODD, 0, 0, 0},
	{"redis", QUOTE_ODD, 0, 0, 0},
	{"http_api", QUOTE_ODD, 0, 0, 0},
	{"postgresql", QUOTE_WHEN_NEEDED, '"', '"', '"'},
	{"redshift", QUOTE_ALWAYS, '"', '"', '"'},
	{"mysql", QUOTE_ALWAYS, '`', '`', '`'},
	{"mariadb", QUOTE_ALWAYS, '`', '`', '`'},
	{"bigquery", QUOTE_ALWAYS, '`', '`', '\\'},
	{"sqlserver", QUOTE_ALWAYS, '[', ']', ']'},
	{NULL, QUOTE_ALWAYS, '"', '"', '"'},
};

static const Dialect *
dialect_of(const char *family)
{
	const Dialect *dialect = dialects;

	while (dialect->family != NULL && strcmp(dialect->family, family) != 0)
		dialect++;
	return dialect;
}

/* The name without characters that no line may have. */
static char *
visible_name(const char *name)
{
	const char *place = name;
	StringInfoData visible;

	initStringInfo(&visible);
	while (*place != '\0')
	{
		int length = pg_mblen(place);

		if (is_unseen(utf8_to_unicode((const unsigned char *) place)))
			appendStringInfoString(&visible, REPLACEMENT);
		else
			appendBinaryStringInfo(&visible, place, length);
		place += length;
	}
	return visible.data;
}

static void
append_quoted(StringInfo quoted, const Dialect *dialect, const char *name)
{
	appendStringInfoChar(quoted, dialect->open);
	for (; *name != '\0'; name++)
	{
		if (*name == dialect->close || *name == dialect->escape)
			appendStringInfoChar(quoted, dialect->escape);
		appendStringInfoChar(quoted, *name);
	}
	appendStringInfoChar(quoted, dialect->close);
}

/* A name of letters, digits and these stands for itself where queries do not quote names. */
static bool
is_odd(const char *name)
{
	if (*name == '\0')
		return true;
	for (; *name != '\0'; name += pg_mblen(name))
	{
		pg_wchar c = utf8_to_unicode((const unsigned char *) name);

		if (c < 0x80 ? !isalnum((unsigned char) *name) && strchr("_.$:*/-@{}[]", *name) == NULL
					 : is_among(signs, lengthof(signs), c))
			return true;
	}
	return false;
}

char *
rg_context_name(const char *name, const char *family)
{
	const char *visible = visible_name(name);
	const Dialect *dialect = dialect_of(family);
	StringInfoData quoted;

	if (dialect->quoting == QUOTE_ODD && !is_odd(visible))
		return unconstify(char *, visible);
	if (dialect->quoting == QUOTE_WHEN_NEEDED)
		return pstrdup(quote_identifier(visible));
	initStringInfo(&quoted);
	if (dialect->quoting == QUOTE_ODD)
		escape_json(&quoted, visible);
	else
		append_quoted(&quoted, dialect, visible);
	return quoted.data;
}

char *
rg_context_table_name(const char *schema, const char *name, const char *family)
{
	const char *spelled = rg_context_name(name, family);

	return schema == NULL || *schema == '\0' ? unconstify(char *, spelled)
											 : psprintf("%s.%s", rg_context_name(schema, family), spelled);
}
