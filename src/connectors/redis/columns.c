#include "connectors/redis/columns.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/document.h"
#include "connectors/inference/path_document.h"
#include "connectors/jsontree/json_tree.h"

/* Every value of Redis is bytes. What they look like is their type; inside of JSON it is that of JSON. */
enum
{
	TYPE_OBJECT,
	TYPE_ARRAY,
	TYPE_STRING,
	TYPE_INTEGER,
	TYPE_NUMBER,
	TYPE_BOOLEAN,
	TYPE_BYTES,
	TYPE_COUNT
};

static const PathType type_list[TYPE_COUNT] = {
	[TYPE_OBJECT] = {.name = "object", .pg_type = "jsonb"},
	[TYPE_ARRAY] = {.name = "array", .pg_type = "jsonb"},
	[TYPE_STRING] = {.name = "string", .absorbs = PATH_TYPE(TYPE_INTEGER) | PATH_TYPE(TYPE_NUMBER)},
	[TYPE_INTEGER] = {.name = "integer", .pg_type = "bigint"},
	[TYPE_NUMBER] = {.name = "number", .pg_type = "numeric", .absorbs = PATH_TYPE(TYPE_INTEGER)},
	[TYPE_BOOLEAN] = {.name = "boolean", .pg_type = "boolean"},
	[TYPE_BYTES] = {.name = "bytes",
					.absorbs = PATH_TYPE(TYPE_STRING) | PATH_TYPE(TYPE_INTEGER) | PATH_TYPE(TYPE_NUMBER)},
};
static const PathTypes types = {
	.items = type_list, .count = TYPE_COUNT, .object = TYPE_OBJECT, .array = TYPE_ARRAY};

/* ---- one value ---- */

bool
is_plain_text(RespText text)
{
	while (text.length > 0)
	{
		size_t length = wire_utf8_length(text.bytes, text.length);

		if (length == 0 || *text.bytes == '\0')
			return false;
		text.bytes += length;
		text.length -= length;
	}
	return true;
}

static size_t
count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* As Redis and programs write numbers. What has a leading zero or a plus is a key or a telephone number. */
static int
number_type(RespText text)
{
	const char *at = text.bytes + (text.length > 0 && text.bytes[0] == '-');
	size_t digits = count_digits(at);
	int type = TYPE_INTEGER;

	if (digits == 0 || digits > 18 || (digits > 1 && *at == '0'))
		return TYPE_STRING;
	at += digits;
	if (*at == '.')
	{
		type = TYPE_NUMBER;
		digits = count_digits(at + 1);
		if (digits == 0)
			return TYPE_STRING;
		at += digits + 1;
	}
	if (*at == 'e' || *at == 'E')
	{
		type = TYPE_NUMBER;
		at += 1 + (at[1] == '-' || at[1] == '+');
		digits = count_digits(at);
		if (digits == 0 || digits > 3)
			return TYPE_STRING;
		at += digits;
	}
	return at == text.bytes + text.length ? type : TYPE_STRING;
}

static void
feed_json(Paths *paths, const JsonNode *node)
{
	switch (node->kind)
	{
		case JSON_NULL:
			paths_null(paths);
			break;
		case JSON_FALSE:
		case JSON_TRUE:
			paths_value(paths, TYPE_BOOLEAN, 0);
			break;
		case JSON_NUMBER:
			paths_value(paths, strpbrk(node->text, ".eE") ? TYPE_NUMBER : TYPE_INTEGER, 0);
			break;
		case JSON_TEXT:
			paths_value(paths, TYPE_STRING, 0);
			break;
		case JSON_ARRAY:
			paths_array_begin(paths);
			for (const JsonNode *element = node->first; element; element = element->next)
				feed_json(paths, element);
			paths_array_end(paths);
			break;
		case JSON_OBJECT:
			paths_object_begin(paths);
			for (const JsonNode *member = node->first; member; member = member->next)
			{
				paths_key(paths, member->name, strlen(member->name));
				feed_json(paths, member);
			}
			paths_object_end(paths);
			break;
	}
}

/* Of JSON only objects and arrays: every number is JSON, too. */
static bool
feed_as_json(Paths *paths, RespText text)
{
	size_t space = strspn(text.bytes, " \t\r\n");
	JsonTree *tree;
	char fault[8];

	/* PostgreSQL's jsonb has no NUL. */
	if ((text.bytes[space] != '{' && text.bytes[space] != '[') ||
		memmem(text.bytes, text.length, "\\u0000", 6) != NULL)
		return false;
	tree = json_tree_read(text.bytes, text.length, fault, sizeof(fault));
	if (tree == NULL)
		return false;
	feed_json(paths, json_tree_root(tree));
	json_tree_free(tree);
	return true;
}

static void
feed_value(Paths *paths, const Field *field)
{
	RespText text = field->value;

	if (field->is_left_out)
		paths_value(paths, TYPE_STRING, 0);
	else if (text.bytes == NULL)
		paths_null(paths);
	else if (!is_plain_text(text))
		paths_value(paths, TYPE_BYTES, 0);
	else if (!feed_as_json(paths, text))
		paths_value(paths, number_type(text), 0);
}

/* ---- rows ---- */

void
columns_begin(Columns *columns, KeyType type)
{
	*columns = (Columns){.type = type, .paths = paths_create(&types)};
}

void
columns_take(Columns *columns, const Row *row)
{
	paths_object_begin(columns->paths);
	for (int i = 0; i < row->count; i++)
	{
		const Field *field = &row->fields[i];

		if (!is_plain_text(field->name))
		{
			columns->unnamed++;
			continue;
		}
		paths_key(columns->paths, field->name.bytes, field->name.length);
		feed_value(columns->paths, field);
	}
	paths_object_end(columns->paths);
}

/* ---- the document ---- */

static bool
begins_with(const char *name, size_t length, const char *word)
{
	return length >= strlen(word) && memcmp(name, word, strlen(word)) == 0;
}

bool
column_name_is_taken(KeyType type, const char *name, size_t length)
{
	static const char *const words[] = {KEY_COLUMN, FIELDS_COLUMN, ID_COLUMN};
	size_t step = strlen(FIELD_SUFFIX);
	int count = type == KEY_STREAM ? 3 : 2;

	while (length >= step && memcmp(name + length - step, FIELD_SUFFIX, step) == 0)
		length -= step;
	for (int i = 0; i < count; i++)
		if (strlen(words[i]) == length && begins_with(name, length, words[i]))
			return true;
	return false;
}

static void
begin_column(WireBuffer *out, const char *name, const char *type, const char *pg_type)
{
	document_separate(out);
	document_literal(out, "{");
	document_text(out, "name", name);
	document_text(out, "type", type);
	document_text(out, "pg_type", pg_type);
}

/* A column that Redis has for every key or element. */
static void
write_own_column(WireBuffer *out, const char *name, const char *type, const char *pg_type)
{
	begin_column(out, name, type, pg_type);
	document_flag(out, "not_null", true);
	document_literal(out, "}");
}

#define CONTAINERS (PATH_TYPE(TYPE_OBJECT) | PATH_TYPE(TYPE_ARRAY))

static void
write_json_column(WireBuffer *out, const char *name, const PathNode *node, bool is_always)
{
	bool is_of_one_kind = node->types == PATH_TYPE(TYPE_OBJECT) || node->types == PATH_TYPE(TYPE_ARRAY);

	begin_column(out, name, "json", "jsonb");
	document_flag(out, "not_null", is_always);
	if (is_of_one_kind)
		path_append_content(out, &types, node);
	document_literal(out, "}");
}

/* JSON beside other texts is text for PostgreSQL. */
static void
write_mixed_column(WireBuffer *out, const char *name, bool is_always)
{
	begin_column(out, name, "json | string", NULL);
	document_flag(out, "not_null", is_always);
	document_literal(out, "}");
}

/* node NULL, or without types: no value was seen. */
static void
write_value_column(WireBuffer *out, const char *name, const PathNode *node, bool is_always)
{
	char *type;
	char *pg_type;

	if (node && (node->types & CONTAINERS) && (node->types & ~CONTAINERS) == 0)
	{
		write_json_column(out, name, node, is_always);
		return;
	}
	if (node && (node->types & CONTAINERS))
	{
		write_mixed_column(out, name, is_always);
		return;
	}
	type = node && node->types ? path_type(&types, node) : NULL;
	pg_type = type ? path_pg_type(&types, node) : NULL;
	begin_column(out, name, type ? type : "string", pg_type);
	document_flag(out, "not_null", is_always);
	document_literal(out, "}");
	free(type);
	free(pg_type);
}

static void
write_field_column(const Columns *columns, WireBuffer *out, const PathNode *node)
{
	WireBuffer name = {.data = NULL};

	wire_append(&name, node->name, node->length);
	if (column_name_is_taken(columns->type, node->name, node->length))
		wire_append_text(&name, FIELD_SUFFIX);
	wire_append(&name, "", 1);
	write_value_column(out, name.failed ? "" : name.data, node, false);
	wire_free(&name);
}

static int
write_fields(const Columns *columns, WireBuffer *out, const PathNode *row)
{
	int count = 0;

	if (row->is_map)
	{
		begin_column(out, FIELDS_COLUMN, "map", "jsonb");
		path_append_content(out, &types, row);
		document_literal(out, "}");
		return 1;
	}
	for (const PathNode *node = row->members; node; node = node->next)
	{
		write_field_column(columns, out, node);
		count++;
	}
	return count;
}

static void
write_key(WireBuffer *out, const char *second)
{
	document_member(out, "primary_key");
	document_literal(out, "{\"columns\":[\"" KEY_COLUMN "\"");
	if (second)
	{
		document_literal(out, ",");
		document_string(out, second);
	}
	document_literal(out, "]}");
}

int
columns_write(Columns *columns, WireBuffer *out)
{
	const PathNode *row = paths_finish(columns->paths);
	const PathNode *value = row->members;
	const char *second = NULL;
	int count = 2;

	document_member(out, "columns");
	document_literal(out, "[");
	write_own_column(out, KEY_COLUMN, "string", NULL);
	switch (columns->type)
	{
		case KEY_LIST:
			second = INDEX_COLUMN;
			write_own_column(out, INDEX_COLUMN, "integer", "bigint");
			write_value_column(out, VALUE_COLUMN, value, true);
			count = 3;
			break;
		case KEY_SET:
			second = VALUE_COLUMN;
			write_value_column(out, VALUE_COLUMN, value, true);
			break;
		case KEY_ZSET:
			second = MEMBER_COLUMN;
			write_value_column(out, MEMBER_COLUMN, value, true);
			write_own_column(out, SCORE_COLUMN, "number", "double precision");
			count = 3;
			break;
		case KEY_STREAM:
			second = ID_COLUMN;
			write_own_column(out, ID_COLUMN, "string", NULL);
			count = 2 + write_fields(columns, out, row);
			break;
		case KEY_HASH:
			count = 1 + write_fields(columns, out, row);
			break;
		case KEY_STRING:
		case KEY_JSON:
			write_value_column(out, VALUE_COLUMN, value, true);
			break;
		default:
			count = 1;
	}
	document_literal(out, "]");
	write_key(out, second);
	return count;
}

void
columns_free(Columns *columns)
{
	paths_free(columns->paths);
}
