/*
 * types.c — types and expressions.
 *
 * What PostgreSQL has no type for: TIME is longer than a day and may be negative, hence interval; BIT(n) has
 * any length, hence bit varying; BIGINT UNSIGNED is numeric; TINYINT(1) holds more than two values;
 * geometries and vectors are texts. Dates such as 0000-00-00 do not exist in PostgreSQL: a column that has
 * one as its default is known to hold them, and is text.
 */
#include <ctype.h>
#include <string.h>

#include "connectors/mysql/types.h"

char *
type_word(SqlArena *arena, const char *type)
{
	size_t length = 0;
	char *word;

	while (isalnum((unsigned char) type[length]) || type[length] == '_')
		length++;
	word = sql_arena_bytes(arena, type, length);
	for (char *at = word; *at; at++)
		*at = (char) tolower((unsigned char) *at);
	return word;
}

const char *
type_alone(SqlArena *arena, const char *type)
{
	const char *note = strstr(type, " /* mariadb-");

	return note && strchr(type, '\'') == NULL ? sql_arena_bytes(arena, type, (size_t) (note - type)) : type;
}

typedef struct Counterpart
{
	const char *word;
	const char *type;
	const char *if_unsigned; /* NULL: the same */
} Counterpart;

static const Counterpart counterparts[] = {
	{"tinyint", "smallint", NULL},
	{"smallint", "smallint", "integer"},
	{"mediumint", "integer", NULL},
	{"int", "integer", "bigint"},
	{"bigint", "bigint", "numeric"},
	{"decimal", "numeric", NULL},
	{"float", "real", NULL},
	{"double", "double precision", NULL},
	{"bit", "bit varying", NULL},
	{"year", "smallint", NULL},
	{"date", "date", NULL},
	{"datetime", "timestamp without time zone", NULL},
	{"timestamp", "timestamp with time zone", NULL},
	{"time", "interval", NULL},
	{"binary", "bytea", NULL},
	{"varbinary", "bytea", NULL},
	{"tinyblob", "bytea", NULL},
	{"blob", "bytea", NULL},
	{"mediumblob", "bytea", NULL},
	{"longblob", "bytea", NULL},
	{"json", "json", NULL},
	{"uuid", "uuid", NULL},
	{"inet4", "inet", NULL},
	{"inet6", "inet", NULL},
};

static bool
is_zero_date(const char *text)
{
	return text != NULL && strncmp(text + (*text == '\''), "0000-00-00", strlen("0000-00-00")) == 0;
}

const char *
type_in_postgresql(const char *word, const char *type, const char *default_text)
{
	for (size_t i = 0; i < sizeof(counterparts) / sizeof(counterparts[0]); i++)
	{
		const Counterpart *counterpart = &counterparts[i];

		if (strcmp(word, counterpart->word) != 0)
			continue;
		if (is_zero_date(default_text))
			return NULL;
		return counterpart->if_unsigned && strstr(type, "unsigned") ? counterpart->if_unsigned
																	: counterpart->type;
	}
	return NULL;
}

static bool
is_one_of(const char *word, const char *const *words)
{
	while (*words != NULL && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

bool
type_is_bytes(const char *word)
{
	static const char *const words[] = {"binary",     "varbinary", "tinyblob", "blob",
										"mediumblob", "longblob",  NULL};

	return is_one_of(word, words);
}

bool
type_is_geometry(const char *word)
{
	static const char *const words[] = {
		"geometry",        "point",        "linestring",         "polygon",        "multipoint",
		"multilinestring", "multipolygon", "geometrycollection", "geomcollection", NULL};

	return is_one_of(word, words);
}

bool
type_has(const char *extra, const char *property)
{
	return extra != NULL && strcasestr(extra, property) != NULL;
}

/* What follows a backslash. */
static char
unescaped(char letter)
{
	switch (letter)
	{
		case 'n':
			return '\n';
		case 'r':
			return '\r';
		case 't':
			return '\t';
		case 'Z':
			return '\x1A';
		default:
			return letter;
	}
}

/* Reads a literal whose opening quote has been passed. Returns what follows the closing one. */
static const char *
read_literal(const char *at, char *out)
{
	while (*at != '\0')
	{
		if (*at == '\'' && at[1] != '\'')
		{
			at++;
			break;
		}
		if (*at == '\\' && at[1] != '\0')
			*out++ = unescaped(at[1]);
		else
			*out++ = *at;
		at += (*at == '\'' || (*at == '\\' && at[1] != '\0')) ? 2 : 1;
	}
	*out = '\0';
	return at;
}

SqlNames
type_values(SqlArena *arena, const char *type)
{
	const char *at = strchr(type, '\'');
	SqlNames values = {0};

	/* No more values than commas and one. */
	for (const char *comma = type; *comma; comma++)
		values.count += *comma == ',';
	values.items = sql_arena_allocate(arena, (size_t) (values.count + 1) * sizeof(char *));
	values.count = 0;
	while (at != NULL && *at == '\'')
	{
		char *value = sql_arena_allocate(arena, strlen(at) + 1);

		at = read_literal(at + 1, value);
		values.items[values.count++] = value;
		at += *at == ',';
	}
	return values;
}

/* Returns the length of an introducer such as _utf8mb4 with a quote behind it, or 0. */
static size_t
introducer(const char *at)
{
	size_t length = 1;

	if (*at != '_')
		return 0;
	while (isalnum((unsigned char) at[length]))
		length++;
	return at[length] == '\'' || (at[length] == '\\' && at[length + 1] == '\'') ? length : 0;
}

char *
type_unescape(SqlArena *arena, const char *expression)
{
	char *text = sql_arena_text(arena, expression);
	char *out = text;
	bool in_word = false;

	for (const char *at = expression; *at;)
	{
		at += in_word ? 0 : introducer(at);
		if (*at == '\\' && at[1] != '\0')
			at++;
		in_word = isalnum((unsigned char) *at) || *at == '_';
		*out++ = *at++;
	}
	*out = '\0';
	return text;
}

static bool
is_number(const char *word)
{
	static const char *const numbers[] = {"tinyint", "smallint", "mediumint", "int", "bigint", "decimal",
										  "float",   "double",   "year",      "bit", NULL};

	return is_one_of(word, numbers);
}

/* A binary default comes as 0x…; the present time, before MySQL 8, is not marked as an expression. */
static bool
is_written_plainly(const char *word, const char *value)
{
	if (is_number(word) || strncasecmp(value, "CURRENT_TIMESTAMP", strlen("CURRENT_TIMESTAMP")) == 0)
		return true;
	return (strstr(word, "binary") || strstr(word, "blob")) && strncmp(value, "0x", 2) == 0;
}

char *
type_literal(SqlArena *arena, const char *word, const char *value)
{
	char *literal;
	char *out;

	if (is_written_plainly(word, value))
		return sql_arena_text(arena, value);
	literal = out = sql_arena_allocate(arena, 2 * strlen(value) + 3);
	*out++ = '\'';
	for (; *value; value++)
	{
		*out++ = *value;
		if (*value == '\'')
			*out++ = '\'';
	}
	*out = '\'';
	return literal;
}
