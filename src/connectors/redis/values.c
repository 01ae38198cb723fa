#include "connectors/redis/values.h"

#include <stdlib.h>
#include <string.h>

#include "connectors/common/memory.h"

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)

/* ---- commands ---- */

static void
add_words(Client *client, const char *command, RespText key, const char *const *rest, int count)
{
	RespText words[8] = {CLIENT_TEXT(command), key};

	for (int i = 0; i < count; i++)
		words[i + 2] = CLIENT_TEXT(rest[i]);
	client_add(client, words, count + 2);
}

void
values_look(Client *client, KeyType type, RespText key)
{
	switch (type)
	{
		case KEY_STRING:
			add_words(client, "GETRANGE", key, (const char *[]){"0", "4095"}, 2);
			break;
		case KEY_HASH:
			add_words(client, "HSCAN", key, (const char *[]){"0", "COUNT", TEXT(LOOKED_AT_FIELDS)}, 3);
			break;
		case KEY_LIST:
			add_words(client, "LRANGE", key, (const char *[]){"0", "9"}, 2);
			break;
		case KEY_SET:
			add_words(client, "SSCAN", key, (const char *[]){"0", "COUNT", TEXT(LOOKED_AT_ELEMENTS)}, 3);
			break;
		case KEY_ZSET:
			add_words(client, "ZRANGE", key, (const char *[]){"0", "9"}, 2);
			break;
		case KEY_STREAM:
			add_words(client, "XRANGE", key, (const char *[]){"-", "+", "COUNT", TEXT(LOOKED_AT_ELEMENTS)},
					  4);
			break;
		case KEY_JSON:
			add_words(client, "JSON.GET", key, NULL, 0);
			break;
		default:
			add_words(client, "EXISTS", key, NULL, 0);
	}
}

void
values_look_whole(Client *client, RespText key)
{
	add_words(client, "GETRANGE", key, (const char *[]){"0", "1048575"}, 2);
}

/* ---- rows ---- */

void
row_add(Row *row, RespText name, const RespAnswer *answer, const RespValue *value)
{
	Field *field;

	if (row->count == row->capacity)
	{
		row->capacity = row->capacity ? row->capacity * 2 : 16;
		row->fields = reallocate(row->fields, (size_t) row->capacity * sizeof(Field));
	}
	field = &row->fields[row->count++];
	*field = (Field){.name = name, .is_left_out = value->is_left_out};
	if (value->kind == RESP_TEXT && !value->is_left_out)
		field->value = resp_text(answer, value);
}

void
row_free(Row *row)
{
	free(row->fields);
	*row = (Row){.fields = NULL};
}

/* Names and values follow one another. */
static void
add_pairs(Row *row, const RespAnswer *answer, const RespValue *name)
{
	while (name)
	{
		const RespValue *value = resp_next(answer, name);

		if (value == NULL)
			break;
		if (!name->is_left_out)
			row_add(row, resp_text(answer, name), answer, value);
		name = resp_next(answer, value);
	}
}

/* Of the answer to a command of the family of SCAN: what follows the cursor. */
static const RespValue *
page_of(const RespAnswer *answer)
{
	const RespValue *cursor = resp_first(answer, resp_root(answer));

	return cursor ? resp_next(answer, cursor) : NULL;
}

typedef void (*Taker)(void *context, const Row *row);

static void
take_elements(const RespAnswer *answer, const RespValue *array, Row *row, Taker take, void *context)
{
	for (const RespValue *value = array ? resp_first(answer, array) : NULL; value;
		 value = resp_next(answer, value))
	{
		row->count = 0;
		row_add(row, CLIENT_TEXT("value"), answer, value);
		take(context, row);
	}
}

/* An entry is its id, and an array of names and values. */
static void
take_entries(const RespAnswer *answer, Row *row, Taker take, void *context)
{
	for (const RespValue *entry = resp_first(answer, resp_root(answer)); entry;
		 entry = resp_next(answer, entry))
	{
		const RespValue *id = resp_first(answer, entry);
		const RespValue *pairs = id ? resp_next(answer, id) : NULL;

		row->count = 0;
		if (pairs)
			add_pairs(row, answer, resp_first(answer, pairs));
		take(context, row);
	}
}

void
values_take(const RespAnswer *answer, KeyType type, Row *row, Taker take, void *context)
{
	const RespValue *root = resp_root(answer);
	const RespValue *page;

	row->count = 0;
	if (root->kind == RESP_ERROR)
		return;
	switch (type)
	{
		case KEY_STRING:
		case KEY_JSON:
			row_add(row, CLIENT_TEXT("value"), answer, root);
			take(context, row);
			break;
		case KEY_HASH:
			page = page_of(answer);
			if (page)
				add_pairs(row, answer, resp_first(answer, page));
			take(context, row);
			break;
		case KEY_SET:
			take_elements(answer, page_of(answer), row, take, context);
			break;
		case KEY_LIST:
		case KEY_ZSET:
			take_elements(answer, root, row, take, context);
			break;
		case KEY_STREAM:
			take_entries(answer, row, take, context);
			break;
		default:
			break;
	}
}
