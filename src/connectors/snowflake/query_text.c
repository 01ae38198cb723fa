#include "connectors/snowflake/query_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *
fail(QueryFault *fault, const char *message, const char *hint)
{
	fault->message = message;
	fault->hint = hint;
	return NULL;
}

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool
is_in_word(char c)
{
	return isalnum((unsigned char) c) || c == '_' || c == '$' || (unsigned char) c >= 0x80;
}

/* Where a line ends has to be without doubt. */
static const char *
skip_line(const char *text, QueryFault *fault)
{
	const char *end = text + strcspn(text, "\n");

	for (const char *at = text; at < end; at++)
		if (*at == '\r' && at[1] != '\n')
			return fail(fault, "A comment of the query has a carriage return in it.", NULL);
	return end;
}

/* Whether comments may be nested has to be without doubt, too. */
static const char *
skip_comment(const char *text, QueryFault *fault)
{
	const char *end = strstr(text + 2, "*/");
	const char *within = strstr(text + 2, "/*");

	if (end == NULL)
		return fail(fault, "A comment of the query has no end.", NULL);
	if (within != NULL && within < end)
		return fail(fault, "A comment of the query has another one in it.", NULL);
	return end + 2;
}

/* A backslash escapes between single quotes; between double ones it is a character. */
static const char *
skip_quoted(const char *text, QueryFault *fault)
{
	char quote = *text++;

	for (; *text != '\0'; text++)
	{
		if (quote == '\'' && *text == '\\' && text[1] != '\0')
			text++;
		else if (*text == quote && text[1] == quote)
			text++;
		else if (*text == quote)
			return text + 1;
	}
	return fail(fault, "A text or a name in the query has no closing quote.", NULL);
}

static const char *
skip_dollars(const char *text, QueryFault *fault)
{
	const char *end = strstr(text + 2, "$$");

	return end ? end + 2 : fail(fault, "A text between dollar signs has no end.", NULL);
}

static const char *
skip_word(const char *text, QueryFault *fault)
{
	const char *start = text;

	for (; is_in_word(*text); text++)
		if (text > start && begins(text, "$$"))
			return fail(fault, "A name in the query has two dollar signs in it.",
						"Write such a name in double quotes.");
	return text;
}

static const char *
skip_piece(const char *text, QueryFault *fault)
{
	if (begins(text, "--"))
		return skip_line(text, fault);
	if (begins(text, "//"))
		return fail(fault, "The query has a comment behind two slashes.", "Begin comments with --.");
	if (begins(text, "/*"))
		return skip_comment(text, fault);
	if (*text == '\'' || *text == '"')
		return skip_quoted(text, fault);
	if (begins(text, "$$"))
		return skip_dollars(text, fault);
	if (begins(text, "->>"))
		return fail(fault, "The query is a chain of statements.", "Write one SELECT.");
	return is_in_word(*text) ? skip_word(text, fault) : text + 1;
}

static bool
is_blank(const char *text)
{
	return isspace((unsigned char) *text) || begins(text, "--") || begins(text, "/*");
}

/* Returns what follows spaces and comments; NULL with the fault. */
static const char *
skip_blank(const char *text, QueryFault *fault)
{
	while (text != NULL && *text != '\0' && is_blank(text))
		text = skip_piece(text, fault);
	return text;
}

static bool
begins_with_select(const char *text, QueryFault *fault)
{
	size_t length;

	text = skip_blank(text, fault);
	while (text != NULL && *text == '(')
		text = skip_blank(text + 1, fault);
	if (text == NULL)
		return false;
	for (length = 0; is_in_word(text[length]); length++)
		;
	if ((length == 6 && strncasecmp(text, "select", length) == 0) ||
		(length == 4 && strncasecmp(text, "with", length) == 0))
		return true;
	(void) fail(fault, "The statement is none that only reads.", "Only SELECT and WITH are run.");
	return false;
}

/* Behind a semicolon nothing may stand. */
static bool
ends_here(const char *text, QueryFault *fault)
{
	while (text != NULL && *text == ';')
		text = skip_blank(text + 1, fault);
	if (text != NULL && *text != '\0')
		(void) fail(fault, "The query has more than one statement.", NULL);
	return fault->message == NULL;
}

bool
query_text_stays_inside(const char *text, size_t *length, QueryFault *fault)
{
	const char *at = text;
	const char *next;
	int depth = 0;

	*fault = (QueryFault){.message = NULL};
	if (!begins_with_select(text, fault))
		return false;
	for (; *at != '\0' && *at != ';'; at = next)
	{
		depth += *at == '(' ? 1 : *at == ')' ? -1 : 0;
		next = depth < 0 ? fail(fault, "The query closes a parenthesis that it has not opened.", NULL)
						 : skip_piece(at, fault);
		if (next == NULL)
		{
			fault->at = (size_t) (at - text);
			return false;
		}
	}
	*length = (size_t) (at - text);
	fault->at = *length;
	if (depth > 0)
		(void) fail(fault, "The query does not close a parenthesis.", NULL);
	return depth == 0 && ends_here(at, fault);
}
