#include "connectors/redis/elements.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connectors/common/emit.h"
#include "connectors/common/memory.h"
#include "connectors/common/row_frames.h"
#include "connectors/redis/failure.h"

/* Elements of a page: an answer is held as a whole. */
#define PAGE 200
/* A longer string is asked for again, alone: a server holds the answers to a batch at once. */
#define FIRST_BYTES 65536

/* Where a key that has more than a page goes on. */
typedef struct Place
{
	RespText key;
	int64_t offset;
	char cursor[48]; /* of a set; the first id of a stream */
} Place;

/* ---- commands ---- */

static void
add_range(Client *client, const char *command, RespText key, int64_t first, int64_t last, bool with_scores)
{
	char from[24];
	char to[24];
	RespText words[5] = {CLIENT_TEXT(command), key};

	snprintf(from, sizeof(from), "%" PRId64, first);
	snprintf(to, sizeof(to), "%" PRId64, last);
	words[2] = CLIENT_TEXT(from);
	words[3] = CLIENT_TEXT(to);
	words[4] = CLIENT_TEXT("WITHSCORES");
	client_add(client, words, with_scores ? 5 : 4);
}

static void
add_page(Client *client, const char *command, RespText key, const char *from, const char *to)
{
	char count[16];
	RespText words[6] = {CLIENT_TEXT(command), key, CLIENT_TEXT(from)};
	int number = 3;

	if (to)
		words[number++] = CLIENT_TEXT(to);
	snprintf(count, sizeof(count), "%d", PAGE);
	words[number++] = CLIENT_TEXT("COUNT");
	words[number++] = CLIENT_TEXT(count);
	client_add(client, words, number);
}

static void
add_fields(const Elements *elements, RespText key)
{
	const Wanted *wanted = elements->wanted;
	RespText *words = allocate((size_t) (wanted->count + 2) * sizeof(RespText));
	int count = 2;

	words[0] = CLIENT_TEXT(wanted->has_fields ? "HGETALL" : wanted->field_count > 0 ? "HMGET" : "EXISTS");
	words[1] = key;
	for (int i = 0; i < wanted->count && !wanted->has_fields; i++)
		if (wanted->columns[i].kind == WANTED_FIELD)
			words[count++] = wanted->columns[i].name;
	client_add(elements->client, words, count);
	free(words);
}

static void
ask(Elements *elements, const Place *place)
{
	Client *client = elements->client;
	RespText words[] = {CLIENT_TEXT("JSON.GET"), place->key};

	switch (elements->wanted->type)
	{
		case KEY_STRING:
			add_range(client, "GETRANGE", place->key, 0, place->offset > 0 ? place->offset : FIRST_BYTES - 1,
					  false);
			break;
		case KEY_HASH:
			add_fields(elements, place->key);
			break;
		case KEY_LIST:
			add_range(client, "LRANGE", place->key, place->offset, place->offset + PAGE - 1, false);
			break;
		case KEY_ZSET:
			add_range(client, "ZRANGE", place->key, place->offset, place->offset + PAGE - 1, true);
			break;
		case KEY_SET:
			add_page(client, "SSCAN", place->key, place->cursor[0] ? place->cursor : "0", NULL);
			break;
		case KEY_STREAM:
			add_page(client, "XRANGE", place->key, place->cursor[0] ? place->cursor : "-", "+");
			break;
		case KEY_JSON:
			client_add(client, words, 2);
			break;
		default:
			words[0] = CLIENT_TEXT("EXISTS");
			client_add(client, words, 2);
	}
}

/* ---- rows ---- */

static RespText
text_of(const Elements *elements, const RespValue *value)
{
	if (value->is_left_out)
		give_up_long_row(elements->row_bytes);
	if (value->kind != RESP_TEXT)
		client_give_up_malformed();
	return resp_text(&elements->answer, value);
}

static void
begin_row(Elements *elements, RespText key)
{
	wanted_clear(elements->wanted);
	wanted_set(elements->wanted, WANTED_KEY, key);
}

static void
end_row(Elements *elements)
{
	wanted_finish(elements->wanted);
	if (!elements->take(elements->context))
		elements->has_ended = true;
}

static void
take_pairs(Elements *elements, const RespValue *name)
{
	while (name)
	{
		const RespValue *value = resp_next(&elements->answer, name);

		if (value == NULL)
			client_give_up_malformed();
		wanted_set_field(elements->wanted, text_of(elements, name), text_of(elements, value));
		name = resp_next(&elements->answer, value);
	}
}

/* The values of HMGET stand in the order of the columns. */
static void
take_named(Elements *elements, const RespValue *value)
{
	for (int i = 0; i < elements->wanted->count; i++)
	{
		WantedColumn *column = &elements->wanted->columns[i];

		if (column->kind != WANTED_FIELD)
			continue;
		if (value == NULL)
			client_give_up_malformed();
		if (value->kind != RESP_NULL)
			wanted_set_column(column, text_of(elements, value));
		value = resp_next(&elements->answer, value);
	}
}

static void
take_hash(Elements *elements, RespText key, const RespValue *root)
{
	begin_row(elements, key);
	if (elements->wanted->has_fields)
		take_pairs(elements, resp_first(&elements->answer, root));
	else if (elements->wanted->field_count > 0)
		take_named(elements, resp_first(&elements->answer, root));
	end_row(elements);
}

static void
take_string(Elements *elements, RespText key, const RespValue *root)
{
	if (root->kind == RESP_NULL) /* JSON.GET of a key that has gone */
		return;
	begin_row(elements, key);
	wanted_set(elements->wanted, WANTED_VALUE, text_of(elements, root));
	end_row(elements);
}

static void
take_list(Elements *elements, const Place *place, const RespValue *root)
{
	int64_t index = place->offset;
	char text[24];

	for (const RespValue *value = resp_first(&elements->answer, root); value && !elements->has_ended;
		 value = resp_next(&elements->answer, value))
	{
		begin_row(elements, place->key);
		snprintf(text, sizeof(text), "%" PRId64, index++);
		wanted_set(elements->wanted, WANTED_INDEX, CLIENT_TEXT(text));
		wanted_set(elements->wanted, WANTED_VALUE, text_of(elements, value));
		end_row(elements);
	}
}

static void
take_scored(Elements *elements, const Place *place, const RespValue *root)
{
	const RespValue *member = resp_first(&elements->answer, root);

	while (member && !elements->has_ended)
	{
		const RespValue *score = resp_next(&elements->answer, member);

		if (score == NULL)
			client_give_up_malformed();
		begin_row(elements, place->key);
		wanted_set(elements->wanted, WANTED_VALUE, text_of(elements, member));
		wanted_set(elements->wanted, WANTED_SCORE, text_of(elements, score));
		end_row(elements);
		member = resp_next(&elements->answer, score);
	}
}

/* with_repeats: the set has several pages, and a member may be on two. */
static void
take_members(Elements *elements, const Place *place, const RespValue *members, bool with_repeats)
{
	for (const RespValue *value = resp_first(&elements->answer, members); value && !elements->has_ended;
		 value = resp_next(&elements->answer, value))
	{
		RespText text = text_of(elements, value);

		if (with_repeats && !seen_add(&elements->seen, text))
			continue;
		begin_row(elements, place->key);
		wanted_set(elements->wanted, WANTED_VALUE, text);
		end_row(elements);
	}
}

/* The id behind this one. Ids are two numbers of 64 bits. */
static void
set_next_id(Place *place, RespText id)
{
	uint64_t milliseconds;
	uint64_t number;

	if (sscanf(id.bytes, "%" SCNu64 "-%" SCNu64, &milliseconds, &number) != 2)
		client_give_up_malformed();
	if (number == UINT64_MAX)
		milliseconds++;
	snprintf(place->cursor, sizeof(place->cursor), "%" PRIu64 "-%" PRIu64, milliseconds, number + 1);
}

static void
take_entries(Elements *elements, Place *place, const RespValue *root)
{
	for (const RespValue *entry = resp_first(&elements->answer, root); entry && !elements->has_ended;
		 entry = resp_next(&elements->answer, entry))
	{
		const RespValue *id = resp_first(&elements->answer, entry);
		const RespValue *pairs = id ? resp_next(&elements->answer, id) : NULL;

		if (pairs == NULL)
			client_give_up_malformed();
		begin_row(elements, place->key);
		wanted_set(elements->wanted, WANTED_ID, text_of(elements, id));
		take_pairs(elements, resp_first(&elements->answer, pairs));
		set_next_id(place, text_of(elements, id));
		end_row(elements);
	}
}

/* ---- answers ---- */

/* Returns whether there is more of the key, and sets the place where. */
static bool
take_set(Elements *elements, Place *place, const RespValue *root, bool is_alone)
{
	const RespValue *cursor = resp_first(&elements->answer, root);
	const RespValue *members = cursor ? resp_next(&elements->answer, cursor) : NULL;
	RespText text;

	if (members == NULL)
		client_give_up_malformed();
	text = text_of(elements, cursor);
	if (text.length >= sizeof(place->cursor))
		client_give_up_malformed();
	if (!is_alone && strcmp(text.bytes, "0") != 0)
		return true; /* from its beginning, alone */
	take_members(elements, place, members, is_alone);
	memcpy(place->cursor, text.bytes, text.length + 1);
	return strcmp(text.bytes, "0") != 0;
}

/* is_alone: the answer is no part of a batch. */
static bool
take_answer(Elements *elements, Place *place, bool is_alone)
{
	const RespValue *root = resp_root(&elements->answer);

	switch (elements->wanted->type)
	{
		case KEY_STRING:
			if (!is_alone && root->kind == RESP_TEXT && root->length == FIRST_BYTES)
			{
				place->offset = elements->row_bytes;
				return true;
			}
			take_string(elements, place->key, root);
			return false;
		case KEY_JSON:
			take_string(elements, place->key, root);
			return false;
		case KEY_HASH:
			take_hash(elements, place->key, root);
			return false;
		case KEY_SET:
			return take_set(elements, place, root, is_alone);
		case KEY_LIST:
			take_list(elements, place, root);
			place->offset += PAGE;
			return root->count >= PAGE;
		case KEY_ZSET:
			take_scored(elements, place, root);
			place->offset += PAGE;
			return root->count >= 2 * PAGE;
		case KEY_STREAM:
			take_entries(elements, place, root);
			return root->count >= PAGE;
		default:
			begin_row(elements, place->key);
			end_row(elements);
			return false;
	}
}

/* An error of a key that has become another one is no failure. */
static bool
has_failed(Elements *elements)
{
	const RespValue *root = resp_root(&elements->answer);

	if (root->kind != RESP_ERROR)
		return false;
	elements->refused += failure_is_permission(&elements->answer, root);
	if (!failure_is_permission(&elements->answer, root) &&
		!resp_begins_with(&elements->answer, root, "WRONGTYPE") &&
		!(elements->may_be_elsewhere && resp_begins_with(&elements->answer, root, "MOVED ")))
		client_give_up(&elements->answer, root);
	return true;
}

static void
read_rest(Elements *elements, Place *place)
{
	bool has_more = true;

	seen_clear(&elements->seen);
	while (has_more && !elements->has_ended)
	{
		ask(elements, place);
		client_send(elements->client);
		client_receive(elements->client, &elements->answer);
		has_more = !has_failed(elements) && take_answer(elements, place, true);
	}
}

/* ---- a batch ---- */

static void
ask_batch(Elements *elements, const Place *places, int count)
{
	for (int i = 0; i < count; i++)
	{
		RespText words[] = {CLIENT_TEXT("TYPE"), places[i].key};

		client_add(elements->client, words, 2);
		ask(elements, &places[i]);
	}
	client_send(elements->client);
}

/* Returns whether there is more of the key. */
static bool
receive_one(Elements *elements, Place *place)
{
	KeyType type = KEY_GONE;

	client_receive(elements->client, &elements->answer);
	if (!has_failed(elements))
		type = key_type_answered(&elements->answer, resp_root(&elements->answer));
	client_receive(elements->client, &elements->answer);
	if (type != elements->wanted->type || has_failed(elements))
		return false;
	return take_answer(elements, place, false);
}

void
elements_read(Elements *elements, const RespText *keys, int count)
{
	Place places[MOST_BATCH];
	int more = 0;

	for (int i = 0; i < count; i++)
		places[i] = (Place){.key = keys[i]};
	ask_batch(elements, places, count);
	for (int i = 0; i < count && !elements->has_ended; i++)
		if (receive_one(elements, &places[i]))
			places[more++] = places[i];
	for (int i = 0; i < more && !elements->has_ended; i++)
		read_rest(elements, &places[i]);
}

void
elements_end(Elements *elements)
{
	resp_free(&elements->answer);
	seen_free(&elements->seen);
}
