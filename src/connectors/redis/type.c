#include "connectors/redis/type.h"

#include <string.h>

#include "connectors/redis/client.h"
#include "connectors/redis/failure.h"

static const char *const names[KEY_TYPES] = {
	[KEY_STRING] = "string", [KEY_HASH] = "hash",     [KEY_LIST] = "list", [KEY_SET] = "set",
	[KEY_ZSET] = "zset",     [KEY_STREAM] = "stream", [KEY_JSON] = "json", [KEY_OTHER] = "other",
};

const char *
key_type_name(KeyType type)
{
	return names[type];
}

KeyType
key_type_named(const char *name, size_t length)
{
	for (int type = 0; type < KEY_TYPES; type++)
		if (strlen(names[type]) == length && memcmp(names[type], name, length) == 0)
			return (KeyType) type;
	return KEY_GONE;
}

KeyType
key_type_answered(const RespAnswer *answer, const RespValue *value)
{
	RespText text = resp_text(answer, value);
	KeyType type;

	if (value->kind == RESP_ERROR && !failure_is_permission(answer, value) &&
		!failure_is_of_another_node(answer, value))
		client_give_up(answer, value);
	if (value->kind == RESP_ERROR)
		return failure_is_permission(answer, value) ? KEY_REFUSED : KEY_GONE;
	if (text.length == 4 && memcmp(text.bytes, "none", 4) == 0)
		return KEY_GONE;
	if (text.length == 9 && memcmp(text.bytes, "ReJSON-RL", 9) == 0)
		return KEY_JSON;
	type = key_type_named(text.bytes, text.length);
	return type == KEY_GONE || type == KEY_JSON ? KEY_OTHER : type;
}
