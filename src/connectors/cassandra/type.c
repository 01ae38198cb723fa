#include "connectors/cassandra/type.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

typedef struct UserType
{
	const char *name;
	const char **names;
	const char **texts; /* of the types of its members */
	int count;
	bool is_being_read;
} UserType;

/* ---- user-defined types ---- */

/* A list of texts; a count that the bytes do not have is cut. */
static const char **
list_of_texts(SqlArena *arena, Bytes value, int *count)
{
	Body body = body_of(value.bytes, value.length);
	int32_t told = value.bytes ? body_int(&body) : 0;
	int most = (int) (body_left(&body) / 4);
	const char **texts;

	*count = told < 0 ? 0 : told > most ? most : told;
	texts = sql_arena_array(arena, const char *, *count + 1);
	for (int i = 0; i < *count; i++)
	{
		Bytes text = body_value(&body);

		texts[i] = sql_arena_bytes(
			arena, (const char *) (text.bytes ? text.bytes : (const unsigned char *) ""), text.length);
	}
	return texts;
}

void
user_types_add(UserTypes *types, Bytes name, Bytes field_names, Bytes field_types)
{
	UserType *type;
	int texts;

	if (name.bytes == NULL)
		return;
	/* The array grows to each power of two. */
	if ((types->count & (types->count - 1)) == 0)
		types->items =
			reallocate(types->items, (size_t) (types->count == 0 ? 1 : types->count * 2) * sizeof(UserType));
	type = &types->items[types->count++];
	*type = (UserType){.name = sql_arena_bytes(&types->arena, (const char *) name.bytes, name.length)};
	type->names = list_of_texts(&types->arena, field_names, &type->count);
	type->texts = list_of_texts(&types->arena, field_types, &texts);
	if (texts < type->count)
		type->count = texts;
}

void
user_types_free(UserTypes *types)
{
	sql_arena_free(&types->arena);
	free(types->items);
	*types = (UserTypes){0};
}

static UserType *
find_user_type(const UserTypes *types, const char *name)
{
	for (int i = 0; i < types->count; i++)
		if (strcmp(types->items[i].name, name) == 0)
			return &types->items[i];
	return NULL;
}

/* ---- reading ---- */

/* Of user-defined types in one type. */
#define MOST_MEMBERS 2000
#define LONGEST_TYPE 65536

typedef struct TypeReader
{
	const UserTypes *types;
	SqlArena *arena;
	const char *at;
	int *members; /* which may still be added */
	bool failed;
} TypeReader;

static const struct
{
	const char *word;
	CqlKind kind;
} words[] = {
	{"ascii", CQL_ASCII},
	{"bigint", CQL_BIGINT},
	{"blob", CQL_BLOB},
	{"boolean", CQL_BOOLEAN},
	{"counter", CQL_COUNTER},
	{"date", CQL_DATE},
	{"decimal", CQL_DECIMAL},
	{"double", CQL_DOUBLE},
	{"duration", CQL_DURATION},
	{"float", CQL_FLOAT},
	{"inet", CQL_INET},
	{"int", CQL_INT},
	{"smallint", CQL_SMALLINT},
	{"text", CQL_TEXT},
	{"varchar", CQL_TEXT},
	{"time", CQL_TIME},
	{"timestamp", CQL_TIMESTAMP},
	{"timeuuid", CQL_TIMEUUID},
	{"tinyint", CQL_TINYINT},
	{"uuid", CQL_UUID},
	{"varint", CQL_VARINT},
	{"list", CQL_LIST},
	{"set", CQL_SET},
	{"map", CQL_MAP},
	{"tuple", CQL_TUPLE},
	{"vector", CQL_VECTOR},
};

static const CqlType *read_type(TypeReader *reader, int depth);

static void
skip_spaces(TypeReader *reader)
{
	reader->at += strspn(reader->at, " ");
}

static bool
take(TypeReader *reader, char byte)
{
	skip_spaces(reader);
	if (*reader->at != byte)
		return false;
	reader->at++;
	return true;
}

static CqlType *
new_type(TypeReader *reader, CqlKind kind)
{
	CqlType *type = sql_arena_allocate(reader->arena, sizeof(CqlType));

	type->kind = kind;
	return type;
}

/* Reads a text between quotes, of which two inside stand for one. */
static char *
read_quoted(TypeReader *reader, char quote)
{
	const char *end = reader->at + 1;
	char *text;
	size_t length = 0;

	while (*end != '\0' && (*end != quote || end[1] == quote))
		end += *end == quote ? 2 : 1;
	text = sql_arena_allocate(reader->arena, (size_t) (end - reader->at));
	for (reader->at++; reader->at < end; reader->at += *reader->at == quote ? 2 : 1)
		text[length++] = *reader->at;
	reader->failed |= *end == '\0';
	reader->at += *end != '\0';
	return text;
}

static char *
read_word(TypeReader *reader)
{
	size_t length = strspn(reader->at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
	char *word = sql_arena_bytes(reader->arena, reader->at, length);

	reader->at += length;
	reader->failed |= length == 0;
	return word;
}

static const CqlType *
read_whole(TypeReader *outer, const char *text, int depth)
{
	TypeReader reader = {.types = outer->types, .arena = outer->arena, .at = text, .members = outer->members};
	const CqlType *type = read_type(&reader, depth);
	CqlType *other;

	skip_spaces(&reader);
	if (!reader.failed && *reader.at == '\0')
		return type;
	other = new_type(outer, CQL_OTHER);
	other->text = sql_arena_text(outer->arena, text);
	return other;
}

/* One that is not known, or that is a part of itself, is bytes. */
static CqlType *
read_user_type(TypeReader *reader, const char *name, int depth)
{
	UserType *found = find_user_type(reader->types, name);
	const CqlType **parts;
	CqlType *type;

	if (found == NULL || found->is_being_read || found->count > *reader->members)
		return new_type(reader, CQL_OTHER);
	*reader->members -= found->count;
	type = new_type(reader, CQL_USER);
	parts = sql_arena_array(reader->arena, const CqlType *, found->count + 1);
	found->is_being_read = true;
	for (int i = 0; i < found->count; i++)
		parts[i] = read_whole(reader, found->texts[i], depth + 1);
	found->is_being_read = false;
	type->parts = parts;
	type->names = found->names;
	type->count = found->count;
	return type;
}

static void
add_part(TypeReader *reader, CqlType *type, const CqlType *part)
{
	/* The array grows to each power of two. */
	if ((type->count & (type->count - 1)) == 0)
	{
		const CqlType **more =
			sql_arena_array(reader->arena, const CqlType *, type->count == 0 ? 1 : type->count * 2);

		if (type->count > 0)
			memcpy(more, type->parts, (size_t) type->count * sizeof(*more));
		type->parts = more;
	}
	type->parts[type->count++] = part;
}

/* Reads what stands between < and >. */
static CqlType *
read_parts(TypeReader *reader, CqlKind kind, int depth)
{
	CqlType *type = new_type(reader, kind);

	do
	{
		char *end;

		skip_spaces(reader);
		if (kind == CQL_VECTOR && type->count == 1)
		{
			type->dimensions = strtol(reader->at, &end, 10);
			reader->failed |= end == reader->at || type->dimensions < 1;
			reader->at = end;
		}
		else
			add_part(reader, type, read_type(reader, depth + 1));
	} while (!reader->failed && take(reader, ','));
	reader->failed |= !take(reader, '>');
	reader->failed |= kind != CQL_TUPLE && type->count != (kind == CQL_MAP ? 2 : 1);
	reader->failed |= kind == CQL_VECTOR && type->dimensions == 0;
	return type;
}

static CqlType *
read_named(TypeReader *reader, int depth)
{
	const char *word = read_word(reader);

	if (!reader->failed && strcmp(word, "frozen") == 0 && take(reader, '<'))
	{
		const CqlType *inner = read_type(reader, depth + 1);
		CqlType *type = new_type(reader, CQL_OTHER);

		*type = *inner;
		reader->failed |= !take(reader, '>');
		return type;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(word, words[i].word) == 0)
		{
			if (words[i].kind < CQL_LIST)
				return new_type(reader, words[i].kind);
			if (take(reader, '<'))
				return read_parts(reader, words[i].kind, depth);
		}
	return read_user_type(reader, word, depth);
}

static const CqlType *
read_type(TypeReader *reader, int depth)
{
	const char *start;
	CqlType *type;

	skip_spaces(reader);
	start = reader->at;
	if (depth > DEEPEST_TYPE)
		reader->failed = true;
	if (reader->failed)
		return new_type(reader, CQL_OTHER);
	if (*start == '\'')
	{
		read_quoted(reader, '\'');
		type = new_type(reader, CQL_OTHER);
	}
	else if (*start == '"')
		type = read_user_type(reader, read_quoted(reader, '"'), depth);
	else
		type = read_named(reader, depth);
	type->text = sql_arena_bytes(reader->arena, start, (size_t) (reader->at - start));
	return type;
}

const CqlType *
type_read(const UserTypes *types, SqlArena *arena, const char *text)
{
	int members = MOST_MEMBERS;
	TypeReader reader = {.types = types, .arena = arena, .members = &members};

	return read_whole(&reader, strlen(text) > LONGEST_TYPE ? "" : text, 0);
}

/* ---- types of PostgreSQL ---- */

static const struct
{
	const char *one;
	const char *several;
} in_postgresql[] = {
	[CQL_ASCII] = {"text", "text[]"},
	[CQL_BIGINT] = {"bigint", "bigint[]"},
	[CQL_BLOB] = {"bytea", "bytea[]"},
	[CQL_BOOLEAN] = {"boolean", "boolean[]"},
	[CQL_COUNTER] = {"bigint", "bigint[]"},
	[CQL_DATE] = {"date", "date[]"},
	[CQL_DECIMAL] = {"numeric", "numeric[]"},
	[CQL_DOUBLE] = {"double precision", "double precision[]"},
	[CQL_DURATION] = {"interval", "interval[]"},
	[CQL_FLOAT] = {"real", "real[]"},
	[CQL_INET] = {"inet", "inet[]"},
	[CQL_INT] = {"integer", "integer[]"},
	[CQL_SMALLINT] = {"smallint", "smallint[]"},
	[CQL_TEXT] = {"text", "text[]"},
	[CQL_TIME] = {"time without time zone", "time without time zone[]"},
	[CQL_TIMESTAMP] = {"timestamp with time zone", "timestamp with time zone[]"},
	[CQL_TIMEUUID] = {"uuid", "uuid[]"},
	[CQL_TINYINT] = {"smallint", "smallint[]"},
	[CQL_UUID] = {"uuid", "uuid[]"},
	[CQL_VARINT] = {"numeric", "numeric[]"},
	[CQL_OTHER] = {"bytea", "bytea[]"},
};

bool
type_is_array(const CqlType *type)
{
	bool is_collection = type->kind == CQL_LIST || type->kind == CQL_SET || type->kind == CQL_VECTOR;

	return is_collection && type->parts[0]->kind <= CQL_OTHER;
}

const char *
type_in_postgresql(const CqlType *type)
{
	if (type->kind <= CQL_OTHER)
		return in_postgresql[type->kind].one;
	return type_is_array(type) ? in_postgresql[type->parts[0]->kind].several : "jsonb";
}
