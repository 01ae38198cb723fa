#include "connectors/redis/scan.h"

#include <stdio.h>
#include <string.h>

#include "connectors/common/emit.h"

#define KEYS_OF_A_PAGE "1000"

void
scan_begin(Scan *scan, Client *client, RespText match, KeyType type)
{
	*scan = (Scan){.client = client, .match = match, .type = type, .cursor = "0"};
	scan->asks_for_type = type < KEY_JSON; /* the words of modules differ from ours */
}

static void
ask(Scan *scan)
{
	RespText words[8] = {CLIENT_TEXT("SCAN"), CLIENT_TEXT(scan->cursor), CLIENT_TEXT("COUNT"),
						 CLIENT_TEXT(KEYS_OF_A_PAGE)};
	int count = 4;

	if (scan->match.length > 0)
	{
		words[count++] = CLIENT_TEXT("MATCH");
		words[count++] = scan->match;
	}
	if (scan->asks_for_type)
	{
		words[count++] = CLIENT_TEXT("TYPE");
		words[count++] = CLIENT_TEXT(key_type_name(scan->type));
	}
	client_add(scan->client, words, count);
	client_send(scan->client);
	client_receive(scan->client, &scan->answer);
}

/* Servers older than Redis 6 do not know TYPE here. */
static bool
is_about_type(const Scan *scan)
{
	return scan->asks_for_type && resp_begins_with(&scan->answer, resp_root(&scan->answer), "ERR syntax");
}

static void
take_cursor(Scan *scan, RespText cursor)
{
	if (cursor.length == 0 || cursor.length >= sizeof(scan->cursor) ||
		strspn(cursor.bytes, "0123456789") != cursor.length)
		client_give_up_malformed();
	memcpy(scan->cursor, cursor.bytes, cursor.length + 1);
	scan->has_ended = strcmp(scan->cursor, "0") == 0;
}

const RespValue *
scan_next(Scan *scan)
{
	const RespValue *root;
	const RespValue *cursor;
	const RespValue *keys;

	if (scan->has_ended)
		return NULL;
	ask(scan);
	if (is_about_type(scan))
	{
		scan->asks_for_type = false;
		ask(scan);
	}
	root = resp_root(&scan->answer);
	if (root->kind == RESP_ERROR)
		client_give_up(&scan->answer, root);
	cursor = resp_first(&scan->answer, root);
	keys = cursor ? resp_next(&scan->answer, cursor) : NULL;
	if (keys == NULL || keys->kind != RESP_ARRAY)
		client_give_up_malformed();
	take_cursor(scan, resp_text(&scan->answer, cursor));
	return keys;
}

void
scan_end(Scan *scan)
{
	resp_free(&scan->answer);
}
