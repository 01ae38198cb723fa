/*
 * types.c — a type in PostgreSQL is named only where the number that the driver gives leaves no doubt.
 */
#include "connectors/other/types.h"

#include <sqlucode.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Drivers give such sizes to types without a limit. */
#define NO_SIZE 1000000000L

bool
type_is_bytes(const ColumnType *type)
{
	return type->number == SQL_BINARY || type->number == SQL_VARBINARY || type->number == SQL_LONGVARBINARY;
}

bool
type_is_text(const ColumnType *type)
{
	return type->number == SQL_CHAR || type->number == SQL_VARCHAR || type->number == SQL_WCHAR ||
		   type->number == SQL_WVARCHAR;
}

static bool
has_word(const char *name, const char *word)
{
	return strcasestr(name, word) != NULL;
}

/* Of a fixed length: filled up with blanks, which are not compared. */
static bool
is_padded_text(const ColumnType *type)
{
	return (type->number == SQL_CHAR || type->number == SQL_WCHAR) && has_word(type->name, "char") &&
		   !has_word(type->name, "var");
}

/* Drivers also give the numbers of texts to types that they do not know. */
static bool
takes_size(const ColumnType *type)
{
	if (type_is_text(type))
		return has_word(type->name, "char");
	return type_is_bytes(type) && (has_word(type->name, "binary") || has_word(type->name, "raw"));
}

static bool
takes_digits(const ColumnType *type)
{
	return type->number == SQL_DECIMAL || type->number == SQL_NUMERIC;
}

const char *
type_text(SqlArena *arena, const ColumnType *type)
{
	long size = type->size ? strtol(type->size, NULL, 10) : 0;
	long digits = type->digits ? strtol(type->digits, NULL, 10) : 0;
	char modifier[64] = "";

	if (strchr(type->name, '(') == NULL && size > 0 && size < NO_SIZE && takes_size(type))
		snprintf(modifier, sizeof(modifier), "(%ld)", size);
	else if (strchr(type->name, '(') == NULL && size > 0 && size < NO_SIZE && takes_digits(type))
		snprintf(modifier, sizeof(modifier), type->digits ? "(%ld,%ld)" : "(%ld)", size, digits);
	return sql_arena_join(arena, type->name, modifier, "");
}

/* Is the moment told with a zone, or in one that the session chooses? */
static bool
has_zone(const char *name)
{
	return has_word(name, "zone") || has_word(name, "tz") || has_word(name, "offset");
}

/* The columns of SQLite hold values of any type, whatever theirs is called. */
const char *
type_in_postgresql(const OdbcSession *session, const ColumnType *type)
{
	bool is_unsigned = has_word(type->name, "unsigned");

	if (odbc_server_is(session, "SQLite"))
		return NULL;
	switch (type->number)
	{
		case SQL_BIT:
			return has_word(type->name, "(") ? NULL : "boolean";
		case SQL_TINYINT:
			return "smallint";
		case SQL_SMALLINT:
			return is_unsigned ? "integer" : "smallint";
		case SQL_INTEGER:
			return is_unsigned ? "bigint" : "integer";
		case SQL_BIGINT:
			return is_unsigned ? "numeric" : "bigint";
		case SQL_DECIMAL:
		case SQL_NUMERIC:
			return has_word(type->name, "money") ? NULL : "numeric";
		case SQL_REAL:
			return "real";
		case SQL_FLOAT:
		case SQL_DOUBLE:
			return "double precision";
		case SQL_TYPE_DATE:
			return "date";
		case SQL_TYPE_TIMESTAMP:
			return has_zone(type->name) ? NULL : "timestamp without time zone";
		case SQL_GUID:
			return "uuid";
		default:
			return type_is_bytes(type) ? "bytea" : is_padded_text(type) ? "bpchar" : NULL;
	}
}
