#include "connectors/mongodb/answer.h"

#include <bson/bson.h>

#define REQUEST_AT  4
#define ANSWERS_AT  8
#define OPCODE_AT   12
#define OP_REPLY    1
#define OP_QUERY    2004
#define OP_MSG      2013
#define MOST_LEVELS 256 /* the server stores 100, and its answers have some of their own */

int64_t
answer_number(const uint8_t *bytes)
{
	return (int32_t) (bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t) bytes[3] << 24);
}

/* Has the document at this place its length, and its end? */
static bool
is_closed(const uint8_t *bytes, size_t size)
{
	return size >= 5 && answer_number(bytes) == (int64_t) size && bytes[size - 1] == 0;
}

/* Begins with the value of the iterator, if that has values in it. */
static bool
enter(const bson_iter_t *at, bson_iter_t *inner)
{
	const uint8_t *bytes;
	uint32_t size;

	if (BSON_ITER_HOLDS_ARRAY(at))
		bson_iter_array(at, &size, &bytes);
	else
		bson_iter_document(at, &size, &bytes);
	return is_closed(bytes, size) && bson_iter_init_from_data(inner, bytes, size);
}

/* libbson asserts that all documents within one are as they must be. */
static bool
is_document(const uint8_t *bytes, size_t size)
{
	struct
	{
		bson_iter_t at;
	} levels[MOST_LEVELS];
	int level = 0;

	if (!is_closed(bytes, size) || !bson_iter_init_from_data(&levels[0].at, bytes, size))
		return false;
	while (level >= 0)
	{
		bson_iter_t *at = &levels[level].at;

		if (!bson_iter_next(at))
		{
			if (at->err_off != 0)
				return false;
			level--;
		}
		else if (BSON_ITER_HOLDS_DOCUMENT(at) || BSON_ITER_HOLDS_ARRAY(at))
		{
			if (++level == MOST_LEVELS || !enter(at, &levels[level].at))
				return false;
		}
	}
	return true;
}

/* A checksum, or further answers, were not asked for. Flags above 16 bits may be passed over. */
static bool
is_sound_message(const uint8_t *body, size_t size)
{
	return size > 5 && (answer_number(body) & 0xffff) == 0 && body[4] == 0 && is_document(body + 5, size - 5);
}

/* What the first question of a connection is answered with. */
static bool
is_sound_reply(const uint8_t *body, size_t size)
{
	return size > 20 && answer_number(body + 16) == 1 && is_document(body + 20, size - 20);
}

/* The library takes an answer to another question for the one that it waits for, and one in another form. */
bool
answer_is_sound(const uint8_t *message, size_t size, const uint8_t *question)
{
	int64_t asked = answer_number(question + OPCODE_AT);
	int64_t opcode;

	if (size < ANSWER_HEADER_BYTES || answer_number(message) != (int64_t) size ||
		answer_number(message + ANSWERS_AT) != answer_number(question + REQUEST_AT))
		return false;
	opcode = answer_number(message + OPCODE_AT);
	message += ANSWER_HEADER_BYTES;
	size -= ANSWER_HEADER_BYTES;
	if (asked == OP_QUERY)
		return opcode == OP_REPLY && is_sound_reply(message, size);
	return asked == OP_MSG && opcode == OP_MSG && is_sound_message(message, size);
}
