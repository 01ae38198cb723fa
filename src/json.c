/*
 * json.c — parses JSON text from callers, and writes members. A first run of the parser only locates a fault:
 * PostgreSQL's own errors and their CONTEXT quote the text, which may contain a password.
 */
#include "json.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/json.h"

#include "compat.h"

#define MOST_LEVELS 64

/* Nesting costs stack here and in every later reader of the document. */
static bool
is_too_deep(const char *text, int length)
{
	bool in_string = false;
	int level = 0;

	for (int i = 0; i < length && level <= MOST_LEVELS; i++)
	{
		if (text[i] == '\\' && in_string)
			i++;
		else if (text[i] == '"')
			in_string = !in_string;
		else if (!in_string && (text[i] == '{' || text[i] == '['))
			level++;
		else if (!in_string && (text[i] == '}' || text[i] == ']'))
			level--;
	}
	return level > MOST_LEVELS;
}

static const char *
name_fault(JsonParseErrorType error)
{
	switch (error)
	{
		case JSON_UNICODE_CODE_POINT_ZERO:
			return "holds \\u0000, a character that no text here can have";
		case JSON_UNICODE_HIGH_SURROGATE:
		case JSON_UNICODE_LOW_SURROGATE:
			return "holds an escape that is half of a character";
		default:
			return "is not valid JSON";
	}
}

static const char *
find_fault(const char *text, int length)
{
	JsonSemAction nothing = {0};
	JsonLexContext *lex = rg_json_lex_context(unconstify(char *, text), length);
	JsonParseErrorType error = pg_parse_json(lex, &nothing);
	const char *place;

	if (error == JSON_SUCCESS)
		return NULL;
	place = lex->token_start != NULL ? lex->token_start : text + length; /* NULL: the text ends too early */
	return psprintf("%s: line %d, byte %d", name_fault(error), lex->line_number,
					(int) (place - lex->line_start) + 1);
}

/*
 * Fails for numbers beyond numeric, \u0000 and single surrogates. jsonb_in changes only memory, so its error
 * is caught without a subtransaction.
 */
static Jsonb *
read_jsonb(const char *text)
{
	MemoryContext memory = CurrentMemoryContext;
	volatile Datum value = (Datum) 0;

	PG_TRY();
	{
		value = DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
	}
	PG_CATCH();
	{
		int category = ERRCODE_TO_CATEGORY(geterrcode());

		if (category != ERRCODE_DATA_EXCEPTION && category != ERRCODE_PROGRAM_LIMIT_EXCEEDED)
			PG_RE_THROW();
		MemoryContextSwitchTo(memory);
		FlushErrorState();
	}
	PG_END_TRY();
	return value != (Datum) 0 ? DatumGetJsonbP(value) : NULL;
}

Jsonb *
rg_json_parse(const char *text, int length, const char **fault)
{
	Jsonb *value;

	*fault = is_too_deep(text, length) ? psprintf("is nested deeper than %d levels", MOST_LEVELS)
									   : find_fault(text, length);
	if (*fault != NULL)
		return NULL;
	value = read_jsonb(text);
	if (value == NULL)
		*fault = "holds a number, or an escaped character, that cannot be stored";
	return value;
}

void
rg_json_append_text(StringInfo object, const char *name, const char *value)
{
	bool is_first = object->len > 0 && object->data[object->len - 1] == '{';

	appendStringInfo(object, "%s\"%s\": ", is_first ? "" : ", ", name);
	if (value != NULL)
		escape_json(object, value);
	else
		appendStringInfoString(object, "null");
}
