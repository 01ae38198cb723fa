#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "connectors/libpq/query_text.h"

/* Comments may be nested. */
static const char *
skip_comment(const char *text)
{
	int depth = 0;

	do
	{
		if (strncmp(text, "/*", 2) == 0)
			depth++;
		else if (strncmp(text, "*/", 2) == 0)
			depth--;
		text += strncmp(text, "/*", 2) == 0 || strncmp(text, "*/", 2) == 0 ? 2 : 1;
	} while (depth > 0 && *text != '\0');
	return text;
}

static const char *
skip_blank(const char *text)
{
	for (;;)
	{
		text += strspn(text, " \t\r\n\f\v");
		if (strncmp(text, "--", 2) == 0)
			text += strcspn(text, "\r\n");
		else if (strncmp(text, "/*", 2) == 0)
			text = skip_comment(text);
		else
			return text;
	}
}

static size_t
word_length(const char *text)
{
	return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

/* Returns what follows the word, or NULL. */
static const char *
after_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	return word_length(text) == length && strncasecmp(text, word, length) == 0 ? skip_blank(text + length)
																			   : NULL;
}

static const char *
after_any(const char *text, const char *const *words)
{
	const char *rest = NULL;

	while (rest == NULL && *words != NULL)
		rest = after_word(text, *words++);
	return rest;
}

bool
query_text_is_empty(const char *text)
{
	text = skip_blank(text);
	while (*text == ';')
		text = skip_blank(text + 1);
	return *text == '\0';
}

bool
query_text_is_select(const char *text)
{
	static const char *const words[] = {"select", "with", "values", "table", NULL};

	text = skip_blank(text);
	while (*text == '(')
		text = skip_blank(text + 1);
	return after_any(text, words) != NULL;
}

/* EXPLAIN (ANALYZE, BUFFERS off) …: the options have no parentheses within. */
static const char *
take_list(const char *text, bool *analyzes)
{
	static const char *const analyze[] = {"analyze", "analyse", NULL};
	static const char *const off[] = {"false", "off", "0", NULL};

	for (text = skip_blank(text + 1); *text != ')' && *text != '\0';)
	{
		const char *value = after_any(text, analyze);

		if (value != NULL)
			*analyzes = after_any(value, off) == NULL;
		text = skip_blank(text + (word_length(text) > 0 ? word_length(text) : 1));
	}
	return *text == ')' ? skip_blank(text + 1) : text;
}

static const char *
take_words(const char *text, bool *analyzes)
{
	static const char *const analyze[] = {"analyze", "analyse", NULL};
	const char *rest = after_any(text, analyze);

	*analyzes = rest != NULL;
	if (rest != NULL)
		text = rest;
	rest = after_word(text, "verbose");
	return rest != NULL ? rest : text;
}

const char *
query_text_explained(const char *text)
{
	const char *rest = after_word(skip_blank(text), "explain");
	bool analyzes = false;

	if (rest == NULL)
		return NULL;
	rest = *rest == '(' && !query_text_is_select(rest) ? take_list(rest, &analyzes)
													   : take_words(rest, &analyzes);
	return analyzes ? rest : NULL;
}

/* ---- the whole text ---- */

/* Returns what follows the closing quote, or the end of the text. */
static const char *
skip_quoted(const char *text, bool has_escapes)
{
	char quote = *text++;

	for (; *text != '\0'; text++)
	{
		if (has_escapes && quote == '\'' && *text == '\\' && text[1] != '\0')
			text++;
		else if (*text == quote && text[1] == quote)
			text++;
		else if (*text == quote)
			return text + 1;
	}
	return text;
}

static bool
is_in_word(char c)
{
	return isalnum((unsigned char) c) || c == '_' || c == '$' || (unsigned char) c >= 0x80;
}

static bool
is_word(const char *start, const char *end, const char *word)
{
	return (size_t) (end - start) == strlen(word) && strncasecmp(start, word, strlen(word)) == 0;
}

/* Returns what follows the name, text or other sign at this place. */
static const char *
skip_piece(const char *text, bool has_escapes)
{
	const char *start = text;

	if (*text == '\'' || *text == '"')
		return skip_quoted(text, has_escapes);
	if (!is_in_word(*text))
		return text + 1;
	while (is_in_word(*text))
		text++;
	return *text == '\'' && is_word(start, text, "e") ? skip_quoted(text, true) : text;
}

/* 1into, 1.5into, 1$1: older servers read a number and what follows it. */
static bool
is_number_with(const char *piece, const char *behind, const char *what)
{
	size_t length = (size_t) (behind - piece);

	if (!isdigit((unsigned char) *piece))
		return false;
	if (*what == '$')
		return memchr(piece, '$', length) != NULL;
	return length > strlen(what) && is_word(behind - strlen(what), behind, what);
}

static bool
finds_fault(const char *piece, const char *behind, QueryFault *fault)
{
	if (*piece == ';' && !query_text_is_empty(behind))
		*fault = (QueryFault){.message = "The query has more than one statement."};
	else if (*piece == '$' || is_number_with(piece, behind, "$"))
		*fault = (QueryFault){.message = "The query has parameters, or texts between dollar signs.",
							  .hint = "Write values into the query, and texts between single quotes."};
	else if (is_word(piece, behind, "into") || is_number_with(piece, behind, "into"))
		*fault = (QueryFault){.message = "The query makes a table, by INTO.",
							  .hint = "Leave INTO out; a column of this name is written in double quotes."};
	return fault->message != NULL;
}

bool
query_text_only_selects(const char *text, bool has_escapes, QueryFault *fault)
{
	static const char *const words[] = {"select", "with", NULL};
	const char *piece = skip_blank(text);

	while (*piece == '(')
		piece = skip_blank(piece + 1);
	*fault = (QueryFault){0};
	if (after_any(piece, words) == NULL)
		*fault = (QueryFault){.message = "The statement is none that only reads.",
							  .hint = "Only SELECT and WITH are run."};
	while (fault->message == NULL && *piece != '\0')
	{
		const char *behind = skip_piece(piece, has_escapes);

		if (finds_fault(piece, behind, fault))
			break;
		piece = skip_blank(behind);
	}
	fault->at = (size_t) (piece - text);
	return fault->message == NULL;
}
