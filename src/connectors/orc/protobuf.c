#include "connectors/orc/protobuf.h"

#include <string.h>

#include "connectors/common/memory.h"

Message
message_of(const void *bytes, size_t length)
{
	return (Message){.at = bytes, .end = (const unsigned char *) bytes + length};
}

static bool
is_fault(Message *message)
{
	message->is_broken = true;
	message->at = message->end;
	return false;
}

static bool
read_varint(Message *message, uint64_t *value)
{
	*value = 0;
	for (int shift = 0; shift < 64; shift += 7)
	{
		if (message->at == message->end)
			return is_fault(message);
		*value |= (uint64_t) (*message->at & 0x7F) << shift;
		if ((*message->at++ & 0x80) == 0)
			return true;
	}
	return is_fault(message);
}

static bool
skip(Message *message, size_t length)
{
	if ((size_t) (message->end - message->at) < length)
		return is_fault(message);
	message->at += length;
	return true;
}

bool
message_next(Message *message, MessageField *field)
{
	uint64_t key;
	uint64_t length;

	*field = (MessageField){.number = 0};
	if (message->at == message->end || !read_varint(message, &key))
		return false;
	field->number = key >> 3;
	switch (key & 7)
	{
		case 0:
			return read_varint(message, &field->value);
		case 1:
			return skip(message, 8);
		case 2:
			if (!read_varint(message, &length) || length > (uint64_t) (message->end - message->at))
				return is_fault(message);
			field->bytes = message_of(message->at, length);
			return skip(message, length);
		case 5:
			return skip(message, 4);
		default:
			return is_fault(message);
	}
}

bool
message_next_packed(Message *packed, uint64_t *value)
{
	return packed->at < packed->end && read_varint(packed, value);
}

char *
message_text(const Message *bytes)
{
	size_t length = (size_t) (bytes->end - bytes->at);
	char *text = allocate(length + 1);

	if (length > 0)
		memcpy(text, bytes->at, length);
	text[length] = '\0';
	return text;
}
