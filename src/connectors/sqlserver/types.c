/*
 * types.c — types of SQL Server.
 *
 * The catalog counts bytes of the types with N, which have two for a character, and -1 for max. A vector has
 * a head of 8 bytes and 4 for each number. rowversion is called timestamp there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/sqlserver/statements.h"
#include "connectors/sqlserver/types.h"

typedef enum Form
{
	FORM_WORD,
	FORM_BYTES,      /* (length), or (max) */
	FORM_CHARACTERS, /* the same, two bytes each */
	FORM_DECIMAL,    /* (precision,scale) */
	FORM_SECONDS,    /* (scale) */
	FORM_VECTOR,
} Form;

typedef struct Kind
{
	const char *word;
	Form form;
	const char *pg_type; /* NULL: text */
} Kind;

static const Kind kinds[] = {
	{"bigint", FORM_WORD, "bigint"},
	{"binary", FORM_BYTES, "bytea"},
	{"bit", FORM_WORD, "boolean"},
	{"char", FORM_BYTES, "bpchar"},
	{"date", FORM_WORD, "date"},
	{"datetime", FORM_WORD, "timestamp without time zone"},
	{"datetime2", FORM_SECONDS, "timestamp without time zone"},
	{"datetimeoffset", FORM_SECONDS, "timestamp with time zone"},
	{"decimal", FORM_DECIMAL, "numeric"},
	{"float", FORM_WORD, "double precision"},
	{"image", FORM_WORD, "bytea"},
	{"int", FORM_WORD, "integer"},
	{"json", FORM_WORD, "json"},
	{"money", FORM_WORD, "numeric"},
	{"nchar", FORM_CHARACTERS, "bpchar"},
	{"numeric", FORM_DECIMAL, "numeric"},
	{"nvarchar", FORM_CHARACTERS, NULL},
	{"real", FORM_WORD, "real"},
	{"smalldatetime", FORM_WORD, "timestamp without time zone"},
	{"smallint", FORM_WORD, "smallint"},
	{"smallmoney", FORM_WORD, "numeric"},
	{"time", FORM_SECONDS, "time without time zone"},
	{"timestamp", FORM_WORD, "bytea"},
	{"tinyint", FORM_WORD, "smallint"},
	{"uniqueidentifier", FORM_WORD, "uuid"},
	{"varbinary", FORM_BYTES, "bytea"},
	{"varchar", FORM_BYTES, NULL},
	{"vector", FORM_VECTOR, NULL},
	{"xml", FORM_WORD, "xml"},
};

static const Kind *
kind_of(const char *word)
{
	static const Kind other = {"", FORM_WORD, NULL};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(word, kinds[i].word) == 0)
			return &kinds[i];
	return &other;
}

/* Types that are made in .NET have no base by that number. */
const char *
type_word(const char *const *row)
{
	if (row[COLUMN_BASE] != NULL)
		return row[COLUMN_BASE];
	return row[COLUMN_TYPE] == NULL ? "" : row[COLUMN_TYPE];
}

static const char *
described(SqlArena *arena, const char *word, const char *const *row)
{
	long long length = row[COLUMN_LENGTH] == NULL ? 0 : atoll(row[COLUMN_LENGTH]);
	const char *precision = row[COLUMN_PRECISION] == NULL ? "" : row[COLUMN_PRECISION];
	const char *scale = row[COLUMN_SCALE] == NULL ? "" : row[COLUMN_SCALE];
	char text[64];

	switch (kind_of(word)->form)
	{
		case FORM_BYTES:
		case FORM_CHARACTERS:
			if (length < 0)
				return sql_arena_join(arena, word, "(max)", "");
			snprintf(text, sizeof(text), "(%lld)", kind_of(word)->form == FORM_BYTES ? length : length / 2);
			break;
		case FORM_DECIMAL:
			snprintf(text, sizeof(text), "(%.9s,%.9s)", precision, scale);
			break;
		case FORM_SECONDS:
			snprintf(text, sizeof(text), "(%.9s)", scale);
			break;
		case FORM_VECTOR:
			snprintf(text, sizeof(text), "(%lld)", (length - 8) / 4);
			break;
		default:
			return sql_arena_text(arena, word);
	}
	return sql_arena_join(arena, word, text, "");
}

const char *
type_text(SqlArena *arena, const char *const *row, const char **base)
{
	const char *word = type_word(row);
	const char *name = row[COLUMN_TYPE] == NULL ? word : row[COLUMN_TYPE];
	bool is_users = row[COLUMN_TYPE_IS_USERS] != NULL && strcmp(row[COLUMN_TYPE_IS_USERS], "1") == 0;

	*base = NULL;
	if (!is_users && strcmp(name, word) == 0)
		return described(arena, word, row);
	if (row[COLUMN_BASE] != NULL)
		*base = described(arena, word, row);
	if (!is_users || row[COLUMN_TYPE_SCHEMA] == NULL)
		return name;
	return sql_arena_join(arena, row[COLUMN_TYPE_SCHEMA], ".", name);
}

const char *
type_in_postgresql(const char *word)
{
	return kind_of(word)->pg_type;
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
	const char *pg_type = type_in_postgresql(word);

	return pg_type != NULL && strcmp(pg_type, "bytea") == 0;
}

bool
type_is_text(const char *word)
{
	static const char *const words[] = {"char", "varchar", "nchar", "nvarchar", NULL};

	return is_one_of(word, words);
}
