/*
 * query_text.c — reads a query word by word, as the server does with an empty sql_mode: texts in both kinds
 * of quotes, with backslashes; names in backticks; comments.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/mysql/query_text.h"

static const char *const statements[] = {"SELECT", "WITH",    "TABLE", "VALUES",   "VALUE",
										 "SHOW",   "EXPLAIN", "DESC",  "DESCRIBE", NULL};

/* Functions that reach beyond the databases, or hold what outlives them. */
static const char *const functions[] = {"LOAD_FILE",
										"SLEEP",
										"BENCHMARK",
										"GET_LOCK",
										"RELEASE_LOCK",
										"RELEASE_ALL_LOCKS",
										"MASTER_POS_WAIT",
										"SOURCE_POS_WAIT",
										"MASTER_GTID_WAIT",
										"WAIT_FOR_EXECUTED_GTID_SET",
										"WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS",
										NULL};

typedef struct Word
{
	const char *start;
	size_t length;
	bool is_quoted;
	bool after_point; /* a part of a name: t.into */
} Word;

static bool
is_in(const Word *word, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == word->length && strncasecmp(*list, word->start, word->length) == 0)
			return true;
	return false;
}

static bool
is_letter(char c)
{
	return isalnum((unsigned char) c) || c == '_' || c == '$' || (unsigned char) c >= 0x80;
}

static bool
begins_line_comment(const char *at)
{
	return *at == '#' || (at[0] == '-' && at[1] == '-' && (at[2] == '\0' || (unsigned char) at[2] <= ' '));
}

/* Such a comment is a part of the statement, to servers of some versions. */
static bool
begins_executed_comment(const char *at)
{
	return strncmp(at, "/*!", 3) == 0 || strncmp(at, "/*M!", 4) == 0;
}

static const char *
skip_blanks(const char *at)
{
	for (;;)
	{
		const char *end;

		while (*at != '\0' && (unsigned char) *at <= ' ')
			at++;
		if (begins_line_comment(at))
			at += strcspn(at, "\n");
		else if (strncmp(at, "/*", 2) == 0 && !begins_executed_comment(at))
			at = (end = strstr(at + 2, "*/")) ? end + 2 : at + strlen(at);
		else
			return at;
	}
}

/* Returns what follows the closing quote, or the end of the text. */
static const char *
skip_quoted(const char *at)
{
	char quote = *at++;

	for (; *at != '\0'; at++)
	{
		if (*at == '\\' && quote != '`' && at[1] != '\0')
			at++;
		else if (*at == quote && at[1] == quote)
			at++;
		else if (*at == quote)
			return at + 1;
	}
	return at;
}

/* Finds the next word, or name in backticks. Returns what follows it, or NULL if there is none. */
static const char *
next_word(const char *at, Word *word)
{
	char before = '\0';

	for (at = skip_blanks(at); *at != '\0'; at = skip_blanks(at))
	{
		const char *start = at;

		if (begins_executed_comment(at))
		{
			*word = (Word){at, 0, false, false};
			return at + 3;
		}
		if (*at == '`' || *at == '\'' || *at == '"')
			at = skip_quoted(at);
		else if (is_letter(*at))
			while (is_letter(*at))
				at++;
		else
		{
			before = *at++;
			continue;
		}
		if (*start != '\'' && *start != '"')
		{
			bool is_quoted = *start == '`' && at - start >= 2;

			*word =
				(Word){start + is_quoted, (size_t) (at - start) - 2 * is_quoted, is_quoted, before == '.'};
			return at;
		}
		before = '\0';
	}
	return NULL;
}

static bool
finds_fault(const Word *word, const char *behind, bool is_first, QueryFault *fault)
{
	static const char *const into[] = {"INTO", NULL};

	if (word->length == 0 && !word->is_quoted)
		*fault = (QueryFault){.message = "The query has a comment that some servers run.",
							  .hint = "Write the query without /*! and /*M!."};
	else if (is_first && (word->is_quoted || !is_in(word, statements)))
		*fault =
			(QueryFault){.message = "The statement is none that only reads.",
						 .hint = "Only SELECT, WITH, TABLE, VALUES, SHOW, EXPLAIN and DESCRIBE are run."};
	else if (!word->is_quoted && !word->after_point && is_in(word, into))
		*fault = (QueryFault){.message = "INTO writes files or variables of the server.",
							  .hint = "Leave it out: the rows are the answer."};
	else if (!word->after_point && *skip_blanks(behind) == '(' && is_in(word, functions))
		*fault = (QueryFault){
			.message = "The query calls a function that reads files of the server, waits, or takes locks."};
	return fault->message != NULL;
}

bool
query_text_check(const char *text, QueryFault *fault)
{
	const char *at = text;
	bool is_first = true;
	Word word;

	*fault = (QueryFault){0};
	while ((at = next_word(at, &word)) != NULL)
	{
		if (finds_fault(&word, at, is_first, fault))
		{
			fault->at = (size_t) (word.start - text);
			return true;
		}
		is_first = false;
	}
	return false;
}

long long
query_text_character(const char *text, size_t byte)
{
	long long character = 1;

	for (size_t i = 0; i < byte; i++)
		character += ((unsigned char) text[i] & 0xC0) != 0x80;
	return character;
}

static const char *
line_of(const char *text, long line)
{
	for (; line > 1 && text != NULL; line--)
	{
		text = strchr(text, '\n');
		text = text != NULL ? text + 1 : NULL;
	}
	return text;
}

/* The server quotes what follows the fault, up to 80 bytes; the same may stand earlier in the line. */
long long
query_text_position(const char *text, const char *message)
{
	static const char before[] = " near '";
	static const char behind[] = "' at line ";
	const char *near = strstr(message, before);
	const char *end = NULL;
	const char *line;
	const char *found = NULL;
	char *quoted;

	for (const char *at = near; at && (at = strstr(at, behind)); at++)
		end = at;
	if (end == NULL)
		return 0;
	near += strlen(before);
	line = line_of(text, strtol(end + strlen(behind), NULL, 10));
	if (line == NULL)
		return 0;
	if (near == end)
		return query_text_character(text, strlen(text));
	quoted = strndup(near, (size_t) (end - near));
	if (quoted != NULL)
		found = strstr(line, quoted);
	free(quoted);
	return found ? query_text_character(text, (size_t) (found - text)) : 0;
}
