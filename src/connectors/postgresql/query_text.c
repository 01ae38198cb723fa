#include <string.h>
#include <strings.h>

#include "connectors/postgresql/query_text.h"

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
