#include "connectors/redis/columns.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"
#include "connectors/jsontree/json_tree.h"
#include "connectors/redis/shown.h"

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
const PathTypes column_types = {
	.items = type_list, .count = TYPE_COUNT, .object = TYPE_OBJECT, .array = TYPE_ARRAY};

/* ---- one value ---- */

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
	*columns = (Columns){.type = type, .paths = paths_create(&column_types)};
}

static int
compare_fields(const void *a, const void *b)
{
	const RespText *left = &((const Field *) a)->name;
	const RespText *right = &((const Field *) b)->name;
	size_t shorter = left->length < right->length ? left->length : right->length;
	int order = memcmp(left->bytes, right->bytes, shorter);

	return order ? order : left->length < right->length ? -1 : left->length > right->length;
}

/* The fields of a hash come in an order that changes when the server restarts. */
static void
put_in_order(const Columns *columns, const Row *row)
{
	if (columns->type == KEY_HASH && row->count > 0)
		qsort(row->fields, (size_t) row->count, sizeof(Field), compare_fields);
}

void
columns_take(Columns *columns, const Row *row)
{
	put_in_order(columns, row);
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

/* ---- keys ---- */

static void
take_row(void *columns, const Row *row)
{
	columns_take(columns, row);
}

/* Is it the beginning of JSON, whose end was not asked for? */
static bool
is_cut_json(const Columns *columns, const RespAnswer *answer)
{
	RespText text = resp_text(answer, resp_root(answer));

	return columns->type == KEY_STRING && resp_root(answer)->kind == RESP_TEXT &&
		   text.length == LOOKED_AT_BYTES && (text.bytes[0] == '{' || text.bytes[0] == '[');
}

static void
look(Columns *columns, Client *client, const RespText *keys, int count, RespAnswer *answer, Row *row,
	 bool *are_cut)
{
	for (int i = 0; i < count; i++)
		values_look(client, columns->type, keys[i]);
	client_send(client);
	for (int i = 0; i < count; i++)
	{
		client_receive(client, answer);
		are_cut[i] = is_cut_json(columns, answer);
		if (!are_cut[i])
			values_take(answer, columns->type, row, take_row, columns);
	}
}

static void
look_at_rest(Columns *columns, Client *client, RespText key, RespAnswer *answer, Row *row)
{
	values_look_whole(client, key);
	client_send(client);
	client_receive(client, answer);
	values_take(answer, columns->type, row, take_row, columns);
}

void
columns_look(Columns *columns, Client *client, const RespText *keys, int count)
{
	RespAnswer answer = {.values = NULL};
	Row row = {.fields = NULL};
	bool *are_cut = allocate((size_t) count + 1);

	if (columns->type < KEY_OTHER)
		look(columns, client, keys, count, &answer, &row, are_cut);
	for (int i = 0; i < count && columns->type == KEY_STRING; i++)
		if (are_cut[i])
			look_at_rest(columns, client, keys[i], &answer, &row);
	free(are_cut);
	row_free(&row);
	resp_free(&answer);
}

/* ---- names ---- */

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

void
columns_free(Columns *columns)
{
	paths_free(columns->paths);
}
