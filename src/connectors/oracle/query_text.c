/*
 * query_text.c — reads a query word by word, as Oracle does: texts in single quotes, q'[texts]', names in
 * double quotes, comments.
 */
#include "connectors/oracle/query_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

typedef struct Word
{
	const char *start; /* of a name in quotes, behind the quote */
	size_t length;
	bool is_quoted;
} Word;

static bool
is_word(const Word *word, const char *text)
{
	return strlen(text) == word->length && strncasecmp(text, word->start, word->length) == 0;
}

static bool
begins_with(const Word *word, const char *text)
{
	return word->length >= strlen(text) && strncasecmp(text, word->start, strlen(text)) == 0;
}

static bool
is_letter(char c)
{
	return isalnum((unsigned char) c) || c == '_' || c == '$' || c == '#' || (unsigned char) c >= 0x80;
}

static const char *
skip_blanks(const char *at)
{
	for (;;)
	{
		const char *end;

		while (*at != '\0' && (unsigned char) *at <= ' ')
			at++;
		if (strncmp(at, "--", 2) == 0)
			at += strcspn(at, "\n");
		else if (strncmp(at, "/*", 2) == 0)
			at = (end = strstr(at + 2, "*/")) ? end + 2 : at + strlen(at);
		else
			return at;
	}
}

/* A quote inside is doubled. */
static const char *
skip_quoted(const char *at)
{
	char quote = *at++;

	for (; *at != '\0'; at++)
		if (*at == quote && *++at != quote)
			return at;
	return at;
}

/* q'[it's]': up to the closing bracket and a quote. */
static const char *
skip_alternative(const char *at)
{
	static const char open[] = "[{(<";
	static const char close[] = "]})>";
	const char *bracket = *at ? strchr(open, *at) : NULL;
	char end[] = {bracket ? close[bracket - open] : *at, '\'', '\0'};
	const char *found = *at ? strstr(at + 1, end) : NULL;

	return found ? found + 2 : at + strlen(at);
}

/* q'…', nq'…': is the word before a quote one of these? */
static bool
opens_alternative(const Word *word)
{
	return is_word(word, "q") || is_word(word, "nq");
}

/* Returns the next word or semicolon, and what follows it, or NULL: there is none. */
static const char *
next_word(const char *at, Word *word)
{
	while (*(at = skip_blanks(at)) != '\0')
	{
		const char *start = at;

		if (*at == '\'')
			at = skip_quoted(at);
		else if (*at == '"')
		{
			at = skip_quoted(at);
			*word = (Word){start + 1, at - start >= 2 ? (size_t) (at - start) - 2 : 0, true};
			return at;
		}
		else if (is_letter(*at))
		{
			while (is_letter(*at))
				at++;
			*word = (Word){start, (size_t) (at - start), false};
			if (*at != '\'' || !opens_alternative(word))
				return at;
			at = skip_alternative(at + 1);
		}
		else if (*at++ == ';')
		{
			*word = (Word){start, 1, false};
			return at;
		}
	}
	return NULL;
}

/* Packages that open files and connections, wait, or start jobs; two of them only compute. */
static bool
is_package(const Word *word)
{
	return (begins_with(word, "DBMS_") || begins_with(word, "UTL_") || is_word(word, "HTTPURITYPE")) &&
		   !is_word(word, "DBMS_LOB") && !is_word(word, "UTL_RAW");
}

/* Behind WITH a query may declare procedures, which may do anything in a transaction of their own. */
static bool
finds_fault(const Word *word, const Word *before, QueryFault *fault)
{
	if (before->start == NULL && (word->is_quoted || !(is_word(word, "SELECT") || is_word(word, "WITH"))))
		*fault = (QueryFault){.message = "The statement is none that only reads.",
							  .hint = "Only SELECT and WITH are run."};
	else if (is_word(before, "WITH") && !word->is_quoted &&
			 (is_word(word, "FUNCTION") || is_word(word, "PROCEDURE")))
		*fault = (QueryFault){.message = "The query declares a function or a procedure."};
	else if (is_package(word))
		*fault = (QueryFault){.message = "The query calls a package that reaches beyond the database."};
	return fault->message != NULL;
}

bool
query_only_reads(const char *text, size_t *length, QueryFault *fault)
{
	const char *at = text;
	Word before = {0};
	Word word;

	*fault = (QueryFault){0};
	*length = strlen(text);
	while ((at = next_word(at, &word)) != NULL)
	{
		if (*word.start == ';' && !word.is_quoted && *skip_blanks(at) == '\0')
		{
			*length = (size_t) (word.start - text);
			return true;
		}
		if (*word.start == ';' && !word.is_quoted)
			*fault = (QueryFault){.message = "The query has more than one statement."};
		if (fault->message != NULL || finds_fault(&word, &before, fault))
		{
			fault->at = (size_t) (word.start - text);
			return false;
		}
		before = word;
	}
	return true;
}
